//! What a reading is of and when it was taken, parsed once at the edge.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

/// Longest name of a variable, in bytes.
const VARIABLE_BYTES: usize = 64;

/// A text that is no [`VariableName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 64 characters out of A-Z a-z 0-9 _ . : -")]
pub struct VariableNameError;

/// The name of a stream within its device: 1 to 64 of `A-Z a-z 0-9 _ . : -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_.:-]+$", example = "temperature")]
pub struct VariableName(String);

impl VariableName {
    /// Takes a name as somebody wrote it.
    pub fn parse(text: &str) -> Result<Self, VariableNameError> {
        Self::try_from(text.to_owned())
    }

    /// Whether that may be a name.
    pub fn allows(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
        (1..=VARIABLE_BYTES).contains(&text.len()) && text.bytes().all(allowed)
    }

    /// The name of a stream that a report knows by number: four lower-case hexadecimal digits.
    pub fn from_stream(stream: u16) -> Self {
        Self(format!("{stream:04x}"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for VariableName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariableName {
    type Error = VariableNameError;
    fn try_from(text: String) -> Result<Self, VariableNameError> {
        if Self::allows(&text) {
            Ok(Self(text))
        } else {
            Err(VariableNameError)
        }
    }
}

impl FromStr for VariableName {
    type Err = VariableNameError;
    fn from_str(text: &str) -> Result<Self, VariableNameError> {
        Self::parse(text)
    }
}

impl From<VariableName> for String {
    fn from(name: VariableName) -> Self {
        name.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text or number that is no [`ReadingTime`]; the message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadingTimeError {
    /// Not RFC 3339.
    #[error("must be an RFC 3339 time with its offset, such as 2026-01-02T03:04:05Z")]
    Format,
    /// Before 1970 or after the last nanosecond that fits 64 bits.
    #[error("must lie between 1970-01-01T00:00:00Z and 2262-04-11T23:47:16.854775807Z")]
    Range,
}

/// When a reading was taken: whole nanoseconds since the Unix epoch, from 1970-01-01 to 2262-04-11 (what fits an i64
/// and is not negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(into = "String")]
#[schema(value_type = String, format = "date-time", example = "2026-01-02T03:04:05Z")]
pub struct ReadingTime(i64);

impl ReadingTime {
    /// Takes an RFC 3339 time (section 5.6), of any offset, down to the nanosecond.
    pub fn parse(text: &str) -> Result<Self, ReadingTimeError> {
        let time: Timestamp = text.parse().map_err(|_| ReadingTimeError::Format)?;
        Self::try_from(time)
    }

    /// Takes nanoseconds since the Unix epoch.
    pub fn from_nanos(nanos: i64) -> Result<Self, ReadingTimeError> {
        if nanos < 0 {
            Err(ReadingTimeError::Range)
        } else {
            Ok(Self(nanos))
        }
    }

    /// Nanoseconds since the Unix epoch; never negative.
    pub fn nanos(self) -> i64 {
        self.0
    }
}

impl TryFrom<Timestamp> for ReadingTime {
    type Error = ReadingTimeError;
    fn try_from(time: Timestamp) -> Result<Self, ReadingTimeError> {
        Self::from_nanos(i64::try_from(time.as_nanosecond()).map_err(|_| ReadingTimeError::Range)?)
    }
}

impl<'de> Deserialize<'de> for ReadingTime {
    /// From the text where it stands: an upload has ten thousand of them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = ReadingTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ReadingTime, E> {
                ReadingTime::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl FromStr for ReadingTime {
    type Err = ReadingTimeError;
    fn from_str(text: &str) -> Result<Self, ReadingTimeError> {
        Self::parse(text)
    }
}

impl From<ReadingTime> for String {
    fn from(time: ReadingTime) -> Self {
        time.to_string()
    }
}

/// RFC 3339 in UTC, with as many digits of a second as it takes.
impl fmt::Display for ReadingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every i64 of nanoseconds is a timestamp: jiff's go from the year -9999 to 9999.
        Timestamp::from_nanosecond(i128::from(self.0))
            .map_err(|_| fmt::Error)?
            .fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_are_plain_and_bounded() {
        for name in ["temperature", "5001", "a.b:c-d_E", &"x".repeat(64)] {
            assert_eq!(name.parse::<VariableName>().unwrap().as_str(), name);
        }
        for wrong in ["", " ", "a b", "a/b", "é", "a#", &"x".repeat(65)] {
            assert_eq!(VariableName::parse(wrong), Err(VariableNameError), "{wrong}");
        }
        assert_eq!(VariableName::from_stream(0x5c).to_string(), "005c");
        assert_eq!(
            serde_json::from_str::<VariableName>("\"a b\"").map_err(|e| e.to_string()),
            Err(VariableNameError.to_string())
        );
    }

    #[test]
    fn times_come_back_as_short_as_they_can() {
        for (written, read) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05.120000+02:00", "2026-01-02T01:04:05.12Z"),
            ("1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.000000001Z"),
            ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"),
        ] {
            assert_eq!(ReadingTime::parse(written).unwrap().to_string(), read);
        }
    }

    #[test]
    fn impossible_times_are_refused() {
        for wrong in [
            "1969-12-31T23:59:59.999999999Z",
            "2262-04-11T23:47:16.854775808Z",
            "9999-01-01T00:00:00Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert_eq!(ReadingTime::parse(wrong), Err(ReadingTimeError::Range), "{wrong}");
        }
        for wrong in [
            "",
            "yesterday",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "1767323045",
            "2026-01-02T25:04:05Z",
        ] {
            assert_eq!(ReadingTime::parse(wrong), Err(ReadingTimeError::Format), "{wrong}");
        }
    }
}
