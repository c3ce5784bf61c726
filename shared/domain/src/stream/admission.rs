//! Which readings of an upload a stream takes, and as what.

use super::{DataType, StreamSettings};
use crate::reading::{ReadingTime, VariableName};
use blocks::Reading;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a stream does not take a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// The stream is disabled.
    Disabled,
    /// The stream is computed by a formula.
    Computed,
    /// It is older than the stream keeps.
    Expired,
    /// Its time is in a range that was deleted after it was accepted.
    Deleted,
    /// By the input scale its value is beyond what a number can say.
    TooGreat,
    /// Its value is no whole number.
    NotAnInteger,
    /// Its value is neither 0 nor 1.
    NotABoolean,
}

/// Readings of one upload and stream that were not taken, all for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Refusal {
    /// The stream.
    pub variable: VariableName,
    /// Why.
    pub reason: Unfit,
    /// How many.
    pub count: u64,
    /// When the first of them was taken.
    pub first: ReadingTime,
}

impl StreamSettings {
    /// Whether every reading is stored as it comes.
    pub fn takes_all(&self) -> bool {
        let plain = self.takes_none().is_none() && self.data_type == DataType::Number;
        plain && self.retention.is_none() && self.input_scale.is_none() && self.deletions.is_empty()
    }

    /// Why no reading is stored, whatever it is; none where some are.
    pub fn takes_none(&self) -> Option<Unfit> {
        match self.formula {
            Some(_) => Some(Unfit::Computed),
            None => (!self.enabled).then_some(Unfit::Disabled),
        }
    }

    /// A reading as the stream stores it, accepted at that moment. Depends on nothing else, so that a repetition stores the same.
    pub fn admit(&self, reading: Reading, accepted: Timestamp) -> Result<Reading, Unfit> {
        let millis = u64::try_from(accepted.as_millisecond()).unwrap_or_default();
        if let Some(unfit) = self.takes_none() {
            return Err(unfit);
        }
        if self.floor(accepted).is_some_and(|floor| reading.time < floor) {
            return Err(Unfit::Expired);
        }
        if self.deletions.iter().any(|of| of.hole().holds(reading.time, millis)) {
            return Err(Unfit::Deleted);
        }
        let scaled = self
            .input_scale
            .map_or(reading.value, |scale| scale.value(reading.value));
        if reading.value.is_finite() && !scaled.is_finite() {
            return Err(Unfit::TooGreat);
        }
        match self.data_type {
            DataType::Integer if scaled.fract() != 0.0 => Err(Unfit::NotAnInteger),
            DataType::Boolean if scaled != 0.0 && scaled != 1.0 => Err(Unfit::NotABoolean),
            _ => Ok(Reading {
                value: scaled,
                ..reading
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Days, Deletion, Scale};
    use super::*;
    use blocks::Status;

    const HOUR: i64 = 3_600_000_000_000;

    fn accepted() -> Timestamp {
        Timestamp::from_nanosecond(i128::from(100 * HOUR)).unwrap()
    }

    fn admit(settings: &StreamSettings, hour: i64, value: f64) -> Result<f64, Unfit> {
        let reading = Reading {
            time: hour * HOUR,
            value,
            status: Status::Clean,
            id: None,
        };
        settings.admit(reading, accepted()).map(|reading| reading.value)
    }

    fn plain() -> StreamSettings {
        StreamSettings::of("t".parse().unwrap())
    }

    #[test]
    fn values_are_scaled_and_must_be_of_the_type_then() {
        let tenths = Scale::new(0.0, 1.0, 10.0).ok();
        let of = |data_type| StreamSettings {
            data_type,
            input_scale: tenths,
            ..plain()
        };
        assert_eq!(admit(&of(DataType::Number), 0, 215.0), Ok(21.5));
        assert_eq!(admit(&of(DataType::Integer), 0, 210.0), Ok(21.0));
        assert_eq!(admit(&of(DataType::Integer), 0, 215.0), Err(Unfit::NotAnInteger));
        assert_eq!(admit(&of(DataType::Integer), 0, f64::NAN), Err(Unfit::NotAnInteger));
        assert_eq!(admit(&of(DataType::Boolean), 0, 10.0), Ok(1.0));
        assert_eq!(admit(&of(DataType::Boolean), 0, 1.0), Err(Unfit::NotABoolean));
        let hundredfold = StreamSettings {
            input_scale: Scale::new(0.0, 100.0, 1.0).ok(),
            ..plain()
        };
        assert_eq!(admit(&hundredfold, 0, 1e307), Err(Unfit::TooGreat));
    }

    #[test]
    fn what_is_disabled_expired_or_deleted_is_not_taken() {
        let disabled = StreamSettings {
            enabled: false,
            ..plain()
        };
        assert_eq!(admit(&disabled, 99, 1.0), Err(Unfit::Disabled));
        let computed = StreamSettings {
            formula: "2 * u".to_owned().try_into().ok(),
            ..plain()
        };
        assert_eq!(admit(&computed, 99, 1.0), Err(Unfit::Computed));
        assert!(!computed.takes_all());
        let of_a_day = StreamSettings {
            retention: Days::try_from(1).ok(),
            ..plain()
        };
        assert_eq!(admit(&of_a_day, 76, 1.0), Ok(1.0));
        assert_eq!(admit(&of_a_day, 75, 1.0), Err(Unfit::Expired));
        let deleted = |until: i64| StreamSettings {
            deletions: vec![Deletion {
                task: "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
                start: ReadingTime::from_nanos(10 * HOUR).unwrap(),
                end: ReadingTime::from_nanos(20 * HOUR).unwrap(),
                until: until.cast_unsigned(),
                done_at: None,
            }],
            ..plain()
        };
        let moment = accepted().as_millisecond();
        assert_eq!(admit(&deleted(moment), 10, 1.0), Err(Unfit::Deleted));
        assert_eq!(admit(&deleted(moment), 20, 1.0), Ok(1.0));
        // What was accepted after the deletion stays.
        assert_eq!(admit(&deleted(moment - 1), 10, 1.0), Ok(1.0));
        assert!(!deleted(0).takes_all() && plain().takes_all());
    }
}
