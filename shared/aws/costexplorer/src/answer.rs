//! What is answered.

use crate::failed;
use domain::ServiceError;
use domain::costs::Billed;
use jiff::civil::Date;
use serde::Deserialize;

/// A page of an answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page {
    results_by_time: Vec<Month>,
    /// Where the next page begins; none after the last.
    #[serde(rename = "NextPageToken")]
    pub next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Month {
    time_period: Period,
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Period {
    start: Date,
}

/// What was billed of one service and organisation, in the order in which was asked to group by them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    keys: [String; 2],
    metrics: Metrics,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metrics {
    unblended_cost: Amount,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Amount {
    amount: String,
    unit: String,
}

/// An answer that refuses.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default, rename = "__type")]
    kind: String,
    #[serde(default, alias = "Message")]
    message: String,
}

impl Page {
    /// Its lines.
    pub(crate) fn billed(&self) -> Result<Vec<Billed>, ServiceError> {
        let lines = self.results_by_time.iter().flat_map(|month| {
            let line = |group| line(month.time_period.start, group);
            month.groups.iter().map(line)
        });
        lines.collect()
    }
}

fn line(start: Date, group: &Group) -> Result<Billed, ServiceError> {
    let [service, tag] = &group.keys;
    let Amount { amount, unit } = &group.metrics.unblended_cost;
    let amount: f64 = amount.parse().map_err(failed)?;
    Ok(Billed {
        start,
        service: service.clone(),
        // A tag's value stands behind its key: `Organization$org_...`, and nothing behind it where there is none.
        organization: tag.split_once('$').map_or("", |(_, value)| value).to_owned(),
        amount: Some(amount)
            .filter(|it| it.is_finite())
            .ok_or_else(|| failed("an amount that is none"))?,
        currency: unit.clone(),
    })
}

/// The error of an answer that refuses, by its code: `com.amazonaws...#LimitExceededException`, or the code alone.
pub(crate) fn refusal(body: &[u8]) -> ServiceError {
    let Refusal { kind, message } = serde_json::from_slice(body).unwrap_or_default();
    let code = kind.rsplit('#').next().filter(|code| !code.is_empty());
    ServiceError::of(
        Some(code.unwrap_or("InternalFailure")),
        format!("Cost Explorer: {message}"),
    )
}
