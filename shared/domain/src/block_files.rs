//! Files of blocks: older blocks of a stream, laid down one after another in an object of the storage bucket.
//!
//! A file is written once and never changed. Its name has the task that wrote it, so that none is given twice: what no block refers to any more,
//! none ever will, but by a restore of the table to a moment at which one did. For as long as that can be, and until the weekly look through
//! an organisation's files has found it twice, a file stays after its last block has gone.

use crate::id::Id;
use crate::organization::RESTORABLE;
use crate::reading::VariableName;
use crate::{DeviceId, OrgId, ServiceError, TaskId};
use blocks::WINDOW;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

/// The part of the storage bucket in which files of blocks lie.
const BLOCK_FILES: &str = "blocks";
/// How often an organisation's files are looked through.
const LOOKED_THROUGH: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long a file stays once it was found that no block refers to it: it may have been found so just before the first did, and the first may
/// have gone just before the next look.
pub const UNUSED_KEPT: SignedDuration =
    SignedDuration::from_hours(RESTORABLE.as_hours() + LOOKED_THROUGH.as_hours() + 24);
/// Bytes of the hash that are part of a name.
const HASH: usize = 16;

/// After how many days, by their own times, readings move from the table to files: 30 to 3,650. A block is moved with all of its window
/// ([`WINDOW`]), so up to 26 days later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 30, maximum = 3650)]
pub struct ArchiveAge(u32);

impl TryFrom<u32> for ArchiveAge {
    type Error = &'static str;
    fn try_from(days: u32) -> Result<Self, Self::Error> {
        match days {
            30..=3_650 => Ok(Self(days)),
            _ => Err("must be a number of days from 30 to 3650"),
        }
    }
}

impl ArchiveAge {
    /// The first nanosecond since the epoch that does not move yet: where the window begins in which the readings of that age are.
    pub fn before(self, now: Timestamp) -> i64 {
        let age = SignedDuration::from_hours(24 * i64::from(self.0));
        let time = i64::try_from(now.as_nanosecond() - age.as_nanos()).unwrap_or(i64::MIN);
        time & !(WINDOW - 1)
    }
}

/// Reads parts of files, by their keys.
pub trait Files: Send + Sync {
    /// These bytes of a file; fails where it does not have them.
    fn read<'a>(&'a self, key: &'a str, bytes: Range<u64>) -> Part<'a>;
}

/// A part of a file on its way.
pub type Part<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, ServiceError>> + Send + 'a>>;

/// A file of blocks of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockFile {
    /// Whose it is.
    pub device: DeviceId,
    /// The stream.
    pub variable: VariableName,
    /// Its name among those of the stream.
    pub name: FileName,
}

/// What a file of blocks is called: `<earliest end of a block>_<latest>_<task>_<hash>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName {
    /// The last time of the block that ends first, and of the one that ends last, in nanoseconds since the epoch.
    pub ends: (i64, i64),
    task: String,
    hash: String,
}

impl FileName {
    /// The name of a file that a task writes, of blocks that end between these times, by the SHA-256 of its bytes: the same for the same.
    pub fn new(ends: (i64, i64), task: TaskId, sha256: &[u8]) -> Self {
        let hash = sha256.iter().take(HASH).map(|byte| format!("{byte:02x}"));
        Self {
            ends,
            task: task.ulid().to_string(),
            hash: hash.collect(),
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '_');
        Some(Self {
            ends: (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?),
            task: parts.next()?.to_owned(),
            hash: parts.next()?.to_owned(),
        })
    }
}

impl TryFrom<String> for FileName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not the name of a file of blocks")
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ends, task, hash } = self;
        write!(f, "{}_{}_{task}_{hash}", ends.0, ends.1)
    }
}

impl BlockFile {
    /// What the keys of an organisation's files begin with, in the storage bucket.
    pub fn folder(org: OrgId) -> String {
        format!("{BLOCK_FILES}/{org}/")
    }

    /// Its key.
    pub fn key(&self, org: OrgId) -> String {
        stream_folder(org, self.device, &self.variable) + &self.name.to_string()
    }

    /// The file that an organisation's key names; none where it names none.
    pub fn of_key(org: OrgId, key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(&Self::folder(org))?.splitn(3, '/');
        Some(Self {
            device: parts.next()?.parse().ok()?,
            variable: parts.next()?.parse().ok()?,
            name: FileName::parse(parts.next()?)?,
        })
    }
}

/// What the keys of a stream's files begin with.
pub fn stream_folder(org: OrgId, device: DeviceId, variable: &VariableName) -> String {
    format!("{}{device}/{variable}/", BlockFile::folder(org))
}

/// Whether an organisation's files are looked through on the day of that moment: once a week, not all organisations on one day.
pub fn is_looked_through(org: OrgId, at: Timestamp) -> bool {
    let week = u128::from(LOOKED_THROUGH.as_hours().unsigned_abs() / 24);
    let day = u128::from((at.as_second() / 86_400).unsigned_abs());
    (org.ulid().0 + day).is_multiple_of(week)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_back_from_its_key() {
        let (org, other) = (
            "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap(),
        );
        let task: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        for ends in [(7, 1_767_323_045_000_000_007), (-5, -3)] {
            let file = BlockFile {
                device: "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
                variable: VariableName::parse("a.b-c:d").unwrap(),
                name: FileName::new(ends, task, &[0xab; 32]),
            };
            let key = file.key(org);
            assert!(key.starts_with("blocks/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC/dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC/a.b-c:d/"));
            assert_eq!(BlockFile::of_key(org, &key), Some(file));
            assert_eq!(BlockFile::of_key(other, &key), None);
        }
        assert_eq!(BlockFile::of_key(org, &format!("{}x", BlockFile::folder(org))), None);
    }

    #[test]
    fn readings_move_by_whole_windows() {
        let now: Timestamp = "2026-11-27T00:00:00Z".parse().unwrap();
        let before = |days| ArchiveAge::try_from(days).unwrap().before(now);
        let age = |days| i128::from(before(days)) - (now.as_nanosecond() - i128::from(days) * 86_400_000_000_000);
        for days in [30, 31, 365, 3_650] {
            assert_eq!(before(days) % WINDOW, 0);
            assert!((-i128::from(WINDOW)..=0).contains(&age(days)), "{days}");
        }
        assert!(ArchiveAge::try_from(29).is_err() && ArchiveAge::try_from(3_651).is_err());
    }

    #[test]
    fn each_organisation_has_one_day_a_week() {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let begin: Timestamp = "2026-01-01T01:10:00Z".parse().unwrap();
        let days = (0..28).map(|day| begin + SignedDuration::from_hours(24 * day));
        let found: Vec<_> = days.filter(|day| is_looked_through(org, *day)).collect();
        assert_eq!(found.len(), 4);
        assert!(
            found
                .windows(2)
                .all(|pair| pair[1].duration_since(pair[0]) == LOOKED_THROUGH)
        );
    }
}
