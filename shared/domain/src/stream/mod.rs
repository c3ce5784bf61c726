//! What is laid down about a stream: what it is, whether it is stored, for how long, and by which scales.
//!
//! Settings lie apart from what ingest writes of a stream, and may come before its first reading. A stream of which nothing is laid down
//! is as [`StreamSettings::of`] says. To add a setting: a field there, and in the function that shows and changes them.
//!
//! A stream with a [`Formula`] is **computed** whenever it is read: nothing of it is stored, and it takes no readings. What it is computed from
//! is stored: no formula is over a computed stream.

mod admission;
mod deletion;
mod scale;
mod text;

pub use admission::{Refusal, Unfit};
pub use deletion::{Deletion, MOST_DELETIONS, REMEMBERED};
pub use scale::{Scale, ScaleError};
pub use text::{Description, UnitName};

use crate::formula::Formula;
use crate::reading::VariableName;
use blocks::Hole;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What the values of a stream are. All of them are kept as 64-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// Any number.
    #[default]
    Number,
    /// A whole number.
    Integer,
    /// 1 for yes, 0 for no.
    Boolean,
}

/// For how many days readings are kept, by their own times: 1 to 36,500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 36500)]
pub struct Days(u32);

/// What is laid down about a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamSettings {
    /// The stream's variable.
    pub variable: VariableName,
    /// What it is, in words.
    #[serde(default)]
    pub description: Option<Description>,
    /// What its values are in, once the output scale is applied.
    #[serde(default)]
    pub unit: Option<UnitName>,
    /// What its stored values are.
    pub data_type: DataType,
    /// Whether readings are stored.
    pub enabled: bool,
    /// For how long they are; none for ever.
    #[serde(default)]
    pub retention: Option<Days>,
    /// Applied once to each value, before it is stored.
    #[serde(default)]
    pub input_scale: Option<Scale>,
    /// Applied to each value that is asked for.
    #[serde(default)]
    pub output_scale: Option<Scale>,
    /// What its values are computed by; none of a stream that is stored.
    #[serde(default)]
    pub formula: Option<Formula>,
    /// Ranges that were deleted; at most [`MOST_DELETIONS`].
    #[serde(default)]
    pub deletions: Vec<Deletion>,
    /// Counts its changes; 0 of a stream of which nothing is laid down.
    pub version: u64,
}

impl TryFrom<u32> for Days {
    type Error = &'static str;
    fn try_from(days: u32) -> Result<Self, Self::Error> {
        match days {
            1..=36_500 => Ok(Self(days)),
            _ => Err("must be a number of days from 1 to 36500"),
        }
    }
}

impl Days {
    /// The first nanosecond since the epoch that is no longer ago than so many days.
    pub fn before(self, now: Timestamp) -> i64 {
        let days = SignedDuration::from_hours(24 * i64::from(self.0));
        let floor = now.as_nanosecond() - days.as_nanos();
        i64::try_from(floor).unwrap_or(i64::MIN)
    }
}

impl StreamSettings {
    /// A stream of which nothing is laid down: any number, stored for ever as it comes.
    pub fn of(variable: VariableName) -> Self {
        Self {
            variable,
            description: None,
            unit: None,
            data_type: DataType::Number,
            enabled: true,
            retention: None,
            input_scale: None,
            output_scale: None,
            formula: None,
            deletions: Vec::new(),
            version: 0,
        }
    }

    /// The first nanosecond that is kept at that moment; none where all are.
    pub fn floor(&self, now: Timestamp) -> Option<i64> {
        self.retention.map(|days| days.before(now))
    }

    /// What nobody is shown at that moment: deleted ranges, and what is older than is kept.
    pub fn holes(&self, now: Timestamp) -> Vec<Hole> {
        let past = self.floor(now).map(|end| Hole {
            start: i64::MIN,
            end,
            until: u64::MAX,
        });
        self.deletions.iter().map(Deletion::hole).chain(past).collect()
    }

    /// The holes of deletions alone: what must not be written again.
    pub fn deleted(&self) -> Vec<Hole> {
        self.deletions.iter().map(Deletion::hole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_settings_shows_everything() {
        let plain = StreamSettings::of("t".parse().unwrap());
        assert!(plain.holes(Timestamp::UNIX_EPOCH).is_empty());
        assert!(plain.takes_all());
    }

    #[test]
    fn what_is_kept_for_a_day_ends_a_day_ago() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let settings = StreamSettings {
            retention: Days::try_from(1).ok(),
            ..StreamSettings::of("t".parse().unwrap())
        };
        let yesterday: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let [Hole { start, end, until }] = settings.holes(now)[..] else {
            panic!("one hole")
        };
        assert_eq!(
            (start, i128::from(end), until),
            (i64::MIN, yesterday.as_nanosecond(), u64::MAX)
        );
        assert!(settings.deleted().is_empty());
        assert!(Days::try_from(0).is_err() && Days::try_from(36_501).is_err());
    }
}
