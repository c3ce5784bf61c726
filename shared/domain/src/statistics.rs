//! A day's figures of the deployment: what workers did, and how large the tables are.

use crate::OrgId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many organisations are named with the size of their table: the largest.
pub const LARGEST: usize = 10;

/// The figures of one day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DayStatistics {
    /// The day, as in `2026-01-02`.
    pub day: String,
    /// When they were gathered; sizes are of that moment, some hours old (AWS "DescribeTable").
    pub gathered_at: Timestamp,
    /// What workers did that day, by kind of task; kinds of which there was nothing are left out.
    pub kinds: Vec<KindStatistics>,
    /// Organisations by state.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub organizations: BTreeMap<String, u64>,
    /// Devices of all organisations in use.
    pub devices: u64,
    /// The directory's table.
    pub directory: TableSize,
    /// The outbox's table.
    pub outbox: TableSize,
    /// All organisations' tables together.
    pub organization_tables: TableSize,
    /// The largest of them, largest first.
    pub largest: Vec<OrgTableSize>,
    /// Organisations whose tables could not be counted; the log says why.
    #[serde(default)]
    pub uncounted: u64,
}

/// What workers did at tasks of one kind in a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KindStatistics {
    /// The kind.
    pub kind: String,
    /// Attempts, and stretches of attempts between waits.
    pub count: u64,
    /// Those that failed, for good or for this time.
    pub failures: u64,
    /// Half of them took no longer, in milliseconds.
    pub p50_ms: u64,
    /// 95 of 100 took no longer, in milliseconds.
    pub p95_ms: u64,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TableSize {
    /// Items, about.
    pub items: u64,
    /// Bytes, about.
    pub bytes: u64,
}

/// How large an organisation's table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrgTableSize {
    /// The organisation.
    pub org: OrgId,
    /// Items, about.
    pub items: u64,
    /// Bytes, about.
    pub bytes: u64,
}

impl std::ops::AddAssign for TableSize {
    fn add_assign(&mut self, other: Self) {
        self.items += other.items;
        self.bytes += other.bytes;
    }
}

/// How many attempts took how long: exact percentiles without the attempts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Durations(BTreeMap<u64, u64>);

/// Above it durations are counted in tenths of a second, rounded up, so that there are never many different ones.
const EXACT_MS: u64 = 10_000;
const COARSE_MS: u64 = 100;

impl Durations {
    /// Counts some attempts that took that many milliseconds.
    pub fn add(&mut self, ms: u64, count: u64) {
        let ms = if ms > EXACT_MS {
            ms.div_ceil(COARSE_MS).saturating_mul(COARSE_MS)
        } else {
            ms
        };
        *self.0.entry(ms).or_default() += count;
    }

    /// How many attempts were counted.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The least duration that so many of 100 attempts did not pass (nearest rank); 0 of none.
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (self.count().saturating_mul(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.0.iter().find(|(_, count)| {
            seen += **count;
            seen >= rank
        });
        found.map_or(0, |(ms, _)| *ms)
    }

    /// In few bytes: `ms:count` of each, with commas between.
    pub fn to_text(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(ms, count)| format!("{ms}:{count}")).collect();
        pairs.join(",")
    }

    /// What [`Durations::to_text`] wrote; what cannot be read is left out.
    pub fn from_text(text: &str) -> Self {
        let pair = |pair: &str| {
            let (ms, count) = pair.split_once(':')?;
            Some((ms.parse().ok()?, count.parse().ok()?))
        };
        Self(text.split(',').filter_map(pair).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_attempts_themselves() {
        let mut durations = Durations::default();
        assert_eq!((durations.percentile(50), durations.count()), (0, 0));
        for ms in 1..=100 {
            durations.add(ms, 2);
        }
        assert_eq!((durations.percentile(50), durations.percentile(95)), (50, 95));
        durations.add(10_001, 1_000);
        assert_eq!(durations.percentile(95), 10_100);
        assert_eq!(durations.count(), 1_200);
    }

    #[test]
    fn durations_are_read_as_they_were_written() {
        let mut durations = Durations::default();
        for (ms, count) in [(7, 1), (12, 30), (60_000, 2)] {
            durations.add(ms, count);
        }
        assert_eq!(Durations::from_text(&durations.to_text()), durations);
        assert_eq!(Durations::from_text(""), Durations::default());
    }
}
