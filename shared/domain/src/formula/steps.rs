//! The readings of a formula: what it makes of its variables' readings, each of which holds until the next.

use super::Formula;
use blocks::{Reading, Status};

/// How long a reading holds where no other follows: seven days, in nanoseconds. A set point that is told once a week has a value all the
/// time; a sensor that is gone makes no values for ever.
pub const HELD: i64 = 7 * 24 * 3600 * 1_000_000_000;

/// A formula on its way through its variables' readings. What it gives for a time follows from the readings of that time and the [`HELD`] before,
/// wherever the way began.
pub struct Steps<'a> {
    formula: &'a Formula,
    held: Vec<Option<Reading>>,
}

impl<'a> Steps<'a> {
    /// A way that begins where these readings of its variables, in their order, are the newest; none of a variable that has none.
    pub fn new(formula: &'a Formula, held: Vec<Option<Reading>>) -> Self {
        Self { formula, held }
    }

    /// The formula's readings over the next readings of its variables, in their order, each ascending: one a time, ascending, without an id.
    pub fn over(&mut self, inputs: &[Vec<Reading>]) -> Vec<Reading> {
        let mut rest: Vec<&[Reading]> = inputs.iter().map(Vec::as_slice).collect();
        let mut found = Vec::new();
        while let Some(time) = rest.iter().filter_map(|of| of.first()).map(|of| of.time).min() {
            for (held, rest) in self.held.iter_mut().zip(&mut rest) {
                while let Some((first, others)) = rest.split_first().filter(|(first, _)| first.time == time) {
                    (*held, *rest) = (Some(*first), others);
                }
            }
            found.extend(self.at(time));
        }
        found
    }

    /// The reading at that time, which is none before any that is held.
    fn at(&self, time: i64) -> Option<Reading> {
        let holds = |held: &Reading| time.saturating_sub(held.time) <= HELD;
        let held = self.held.iter().map(|held| held.filter(holds));
        let held: Vec<Reading> = held.collect::<Option<_>>()?;
        let values: Vec<f64> = held.iter().map(|held| held.value).collect();
        Some(Reading {
            time,
            value: self.formula.value(&values)?,
            status: status(&held),
            id: None,
        })
    }
}

/// A time is trusted as far as that of the least trusted: `utc` only where all are.
fn status(held: &[Reading]) -> Status {
    let all = |status| held.iter().all(|held| held.status == status);
    if held.iter().any(|held| held.status == Status::Dirty) {
        Status::Dirty
    } else if all(Status::Utc) {
        Status::Utc
    } else {
        Status::Clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(time: i64, value: f64) -> Reading {
        Reading {
            time,
            value,
            status: Status::Clean,
            id: None,
        }
    }

    fn values(formula: &str, inputs: &[Vec<Reading>]) -> Vec<(i64, f64)> {
        let formula = Formula::parse(formula).unwrap();
        let found = Steps::new(&formula, vec![None; inputs.len()]).over(inputs);
        found.iter().map(|of| (of.time, of.value)).collect()
    }

    #[test]
    fn there_is_a_value_wherever_one_of_them_has_a_reading_once_all_have_one() {
        let a = vec![reading(1, 1.0), reading(3, 3.0), reading(5, 5.0)];
        let b = vec![reading(2, 10.0), reading(3, 20.0)];
        assert_eq!(values("a + b", &[a, b]), [(2, 11.0), (3, 23.0), (5, 25.0)]);
        assert!(values("a + b", &[vec![reading(1, 1.0)], vec![]]).is_empty());
    }

    #[test]
    fn there_is_none_where_it_would_be_no_number_or_what_it_is_of_is_too_old() {
        let (a, b) = (vec![reading(1, 4.0)], vec![reading(1, 0.0), reading(2, 2.0)]);
        assert_eq!(values("a / b", &[a, b]), [(2, 2.0)]);
        let (a, b) = (vec![reading(0, 1.0)], vec![reading(HELD, 1.0), reading(HELD + 1, 1.0)]);
        assert_eq!(values("a + b", &[a, b]), [(HELD, 2.0)]);
    }

    #[test]
    fn of_several_readings_of_one_time_the_last_counts_and_the_least_trusted_status() {
        let of = |id, value, status| Reading {
            id,
            status,
            ..reading(1, value)
        };
        let formula = Formula::parse("a * 2 + b").unwrap();
        let a = vec![of(None, 1.0, Status::Clean), of(Some(7), 2.0, Status::Utc)];
        let found = |status| Steps::new(&formula, vec![None, Some(of(None, 0.5, status))]).over(&[a.clone(), vec![]]);
        assert_eq!(found(Status::Utc), [of(None, 4.5, Status::Utc)]);
        assert_eq!(found(Status::Clean), [of(None, 4.5, Status::Clean)]);
        assert_eq!(found(Status::Dirty), [of(None, 4.5, Status::Dirty)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wherever_a_way_is_broken_off_it_goes_on_the_same(
            a in proptest::collection::btree_map(0..40i64, -9..9i8, 0..12),
            b in proptest::collection::btree_map(0..40i64, -9..9i8, 0..12), cut in 0..40i64,
        ) {
            let formula = Formula::parse("a - 2 * b").unwrap();
            let series = |of: std::collections::BTreeMap<i64, i8>| -> Vec<Reading> {
                of.into_iter().map(|(time, value)| reading(time * HELD / 8, f64::from(value))).collect()
            };
            let all = [series(a), series(b)];
            let part = |of: fn(&i64, &i64) -> bool| all.clone().map(|series| {
                series.into_iter().filter(|reading| of(&reading.time, &(cut * HELD / 8))).collect::<Vec<_>>()
            });
            let (before, after) = (part(|time, cut| time < cut), part(|time, cut| time >= cut));
            let held = before.clone().map(|series| series.last().copied());
            let mut found = Steps::new(&formula, vec![None; 2]).over(&before);
            found.extend(Steps::new(&formula, held.to_vec()).over(&after));
            prop_assert_eq!(Steps::new(&formula, vec![None; 2]).over(&all), found);
        }
    }
}
