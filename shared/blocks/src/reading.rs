//! One reading, and what makes two of them the same.

use std::fmt;
use std::str::FromStr;

/// How far a reading's time can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Reckoned from a clock that was running when the reading arrived, or given by who sent it.
    Clean = 0,
    /// Reckoned backwards over a reboot: the order is right, the distance a guess.
    Dirty = 1,
    /// Stamped in UTC by the device itself.
    Utc = 2,
}

/// A word that names no [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status is clean, dirty or utc")]
pub struct UnknownStatus;

impl Status {
    /// Its name: `clean`, `dirty` or `utc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Dirty => "dirty",
            Self::Utc => "utc",
        }
    }

    /// The status that a block writes as this byte.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Clean, Self::Dirty, Self::Utc]
            .into_iter()
            .find(|status| *status as u8 == byte)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        [Self::Clean, Self::Dirty, Self::Utc]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// One reading of a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Nanoseconds since the Unix epoch, UTC, leap seconds not counted.
    pub time: i64,
    /// The value.
    pub value: f64,
    /// How far `time` can be trusted.
    pub status: Status,
    /// The id a streamer report gave it; readings that came another way have none.
    pub id: Option<u32>,
}

impl Reading {
    /// What makes a reading itself within its stream, and the order of readings: by time, those of one time by id,
    /// none before any.
    ///
    /// Acceptance plays no part in the order: how readings were packed, or that two messages overtook each other,
    /// must not change which of a window's readings is its first.
    pub fn identity(&self) -> (i64, Option<u32>) {
        (self.time, self.id)
    }
}

/// Puts one message's readings of one stream in order; of several with one identity the last in the message stays.
pub fn dedupe(mut readings: Vec<Reading>) -> Vec<Reading> {
    // A stable sort keeps the order in the message where identities are equal; `dedup_by` keeps the first, so the
    // last goes there.
    readings.reverse();
    readings.sort_by_key(Reading::identity);
    readings.dedup_by_key(|reading| reading.identity());
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(time: i64, id: Option<u32>, value: f64) -> Reading {
        Reading {
            time,
            value,
            status: Status::Clean,
            id,
        }
    }

    #[test]
    fn the_last_of_one_identity_stays() {
        let message = vec![
            reading(5, None, 1.0),
            reading(3, Some(2), 2.0),
            reading(5, None, 3.0),
            reading(3, None, 4.0),
            reading(3, Some(2), 5.0),
        ];
        let kept: Vec<_> = dedupe(message).iter().map(|r| (r.time, r.id, r.value)).collect();
        assert_eq!(kept, [(3, None, 4.0), (3, Some(2), 5.0), (5, None, 3.0)]);
    }

    #[test]
    fn a_status_reads_as_it_is_written() {
        for status in [Status::Clean, Status::Dirty, Status::Utc] {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(Status::from_byte(status as u8), Some(status));
        }
        assert_eq!("Clean".parse::<Status>(), Err(UnknownStatus));
        assert_eq!(Status::from_byte(3), None);
    }
}
