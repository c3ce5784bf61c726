//! A place in a stream, as a cursor carries it: the identity of the last reading given.

use blocks::Reading;
use std::fmt;
use std::str::FromStr;

/// The time and the id, if it has one, of the reading after which a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub i64, pub Option<u32>);

/// A text that is no position.
#[derive(Debug, PartialEq)]
pub struct NotAPosition;

impl Position {
    /// The position of a reading.
    pub fn of(reading: &Reading) -> Self {
        let (time, id) = reading.identity();
        Self(time, id)
    }

    /// The position after every reading before that time.
    pub fn before(time: i64) -> Self {
        Self(time.saturating_sub(1), Some(u32::MAX))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(time, None) => write!(f, "{time}"),
            Self(time, Some(id)) => write!(f, "{time}.{id}"),
        }
    }
}

impl FromStr for Position {
    type Err = NotAPosition;
    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let (time, id) = match text.split_once('.') {
            Some((time, id)) => (time, Some(id.parse().map_err(|_| NotAPosition)?)),
            None => (text, None),
        };
        Ok(Self(time.parse().map_err(|_| NotAPosition)?, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_position_reads_as_it_is_written(time: i64, id: Option<u32>) {
            prop_assert_eq!(Position(time, id).to_string().parse(), Ok(Position(time, id)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = text.parse::<Position>();
        }
    }
}
