//! What AWS has billed for a deployment: two months of it, by service and by organisation, as it stood at the beginning of a day.

use crate::ServiceError;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many organisations are named, the dearest first; the rest are one line.
pub const DEAREST: usize = 100;
/// What the line of the rest is called.
pub const OTHERS: &str = "others";

/// The month of a day up to that day, and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months {
    /// The first day of the month before.
    pub last: Date,
    /// The first day of the month.
    pub present: Date,
    /// The day that is no part of it any more; on the first of a month it is that month's first.
    pub until: Date,
}

/// One line of what AWS tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Billed {
    /// The first day that it is of.
    pub start: Date,
    /// The service, as AWS calls it.
    pub service: String,
    /// The value of the tag `Organization`; empty for what is no organisation's.
    pub organization: String,
    /// How much.
    pub amount: f64,
    /// Of what, as in `USD`.
    pub currency: String,
}

/// What was billed under a name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// A service, as AWS calls it; or an organisation's id, empty for what is no organisation's.
    pub name: String,
    /// In the month before.
    pub last_month: f64,
    /// In the present month so far.
    pub month_to_date: f64,
}

/// What was billed up to a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// The day at whose beginning (UTC) the present month's share ends.
    pub day: Date,
    /// When AWS was asked.
    pub read_at: Timestamp,
    /// What the amounts are of, as in `USD`.
    pub currency: String,
    /// Whether there was no more than was read.
    pub complete: bool,
    /// By service, the dearest first.
    pub services: Vec<Cost>,
    /// By organisation, the dearest first: [`DEAREST`] of them, then [`OTHERS`].
    pub organizations: Vec<Cost>,
}

impl Months {
    /// Those that end with a day.
    pub fn until(day: Date) -> Self {
        let present = day.first_of_month();
        Self {
            last: present.saturating_sub(1.month()),
            present,
            until: day,
        }
    }
}

impl Costs {
    /// Sums up what AWS told of those months.
    ///
    /// # Errors
    /// When amounts of several currencies are told: their sum says nothing.
    pub fn of(months: Months, read_at: Timestamp, (billed, complete): (&[Billed], bool)) -> Result<Self, ServiceError> {
        let currency = billed
            .first()
            .map_or_else(|| "USD".to_owned(), |first| first.currency.clone());
        if billed.iter().any(|line| line.currency != currency) {
            return Err(ServiceError::Failed(
                "amounts of several currencies are told".to_owned(),
            ));
        }
        let mut organizations = sums(months, billed, |line| &line.organization);
        if organizations.len() > DEAREST {
            let rest = organizations.split_off(DEAREST).into_iter();
            let rest = rest.fold(Cost::default(), |sum, cost| Cost {
                name: OTHERS.to_owned(),
                last_month: micros(sum.last_month + cost.last_month),
                month_to_date: micros(sum.month_to_date + cost.month_to_date),
            });
            organizations.push(rest);
        }
        Ok(Self {
            day: months.until,
            read_at,
            currency,
            complete,
            services: sums(months, billed, |line| &line.service),
            organizations,
        })
    }
}

/// Sums by a name, the dearest of both months first.
fn sums(months: Months, billed: &[Billed], name: fn(&Billed) -> &String) -> Vec<Cost> {
    let mut sums: BTreeMap<&String, Cost> = BTreeMap::new();
    for line in billed {
        let sum = sums.entry(name(line)).or_default();
        match line.start < months.present {
            true => sum.last_month += line.amount,
            false => sum.month_to_date += line.amount,
        }
    }
    let named = sums.into_iter().map(|(name, sum)| Cost {
        name: name.clone(),
        last_month: micros(sum.last_month),
        month_to_date: micros(sum.month_to_date),
    });
    let mut sums: Vec<_> = named.collect();
    sums.sort_by(|a, b| (b.last_month + b.month_to_date).total_cmp(&(a.last_month + a.month_to_date)));
    sums
}

/// To a millionth: AWS tells ten places, and sums of floats have more.
fn micros(amount: f64) -> f64 {
    (amount * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn billed(start: &str, service: &str, organization: &str, amount: f64) -> Billed {
        Billed {
            start: date(start),
            service: service.to_owned(),
            organization: organization.to_owned(),
            amount,
            currency: "USD".to_owned(),
        }
    }

    fn costs(billed: &[Billed]) -> Result<Costs, ServiceError> {
        Costs::of(Months::until(date("2026-03-05")), Timestamp::UNIX_EPOCH, (billed, true))
    }

    #[test]
    fn months_end_with_the_day_and_the_first_of_a_month_has_none_of_it() {
        let months = Months::until(date("2026-01-01"));
        assert_eq!((months.last, months.present), (date("2025-12-01"), date("2026-01-01")));
        assert_eq!(months.until, months.present);
    }

    #[test]
    fn what_is_billed_is_summed_up_by_service_and_by_organisation() {
        let costs = costs(&[
            billed("2026-02-01", "Amazon DynamoDB", "org_a", 0.1),
            billed("2026-02-01", "Amazon DynamoDB", "", 0.2),
            billed("2026-03-01", "Amazon DynamoDB", "org_a", 0.4),
            billed("2026-03-01", "AWS Lambda", "", 7.0),
        ])
        .unwrap();
        let cost = |name: &str, last_month, month_to_date| Cost {
            name: name.to_owned(),
            last_month,
            month_to_date,
        };
        assert_eq!(
            costs.services,
            [cost("AWS Lambda", 0.0, 7.0), cost("Amazon DynamoDB", 0.3, 0.4)]
        );
        assert_eq!(costs.organizations, [cost("", 0.2, 7.0), cost("org_a", 0.1, 0.4)]);
    }

    #[test]
    fn the_cheapest_of_many_organisations_are_one_line() {
        let many = (0..=DEAREST + 1).map(|n| billed("2026-03-01", "Amazon DynamoDB", &format!("org_{n:03}"), 1.0));
        let costs = costs(&many.collect::<Vec<_>>()).unwrap();
        assert_eq!(costs.organizations.len(), DEAREST + 1);
        let rest = costs.organizations.last().unwrap();
        assert_eq!((rest.name.as_str(), rest.month_to_date), (OTHERS, 2.0));
    }

    #[test]
    fn currencies_are_not_added_up() {
        let euros = Billed {
            currency: "EUR".to_owned(),
            ..billed("2026-03-01", "AWS Lambda", "", 1.0)
        };
        assert!(costs(&[billed("2026-03-01", "AWS Lambda", "", 1.0), euros]).is_err());
        assert_eq!(costs(&[]).unwrap().currency, "USD");
    }
}
