//! Blocks as they lie in a store, and the readings that several of them amount to.

use crate::away::Away;
use crate::columns::Columns;
use crate::split::split;
use crate::{BlockError, Reading, Summary, decode_columns, encode};

/// When a block's message was accepted: a ULID's 128 bits, of which the upper 48 are milliseconds since the Unix epoch.
///
/// The millisecond alone decides which of two readings is the later; below it nobody knows the order of two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Acceptance(pub u128);

impl Acceptance {
    /// One of that millisecond.
    pub fn from_millis(millis: u64) -> Self {
        Self(u128::from(millis) << 80)
    }

    /// Milliseconds since the Unix epoch.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0 >> 80).unwrap_or(u64::MAX)
    }
}

/// A reading, and the millisecond in which its message was accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accepted {
    /// Milliseconds since the Unix epoch.
    pub millis: u64,
    /// The reading.
    pub reading: Reading,
}

/// A block and what a store keeps beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBlock {
    /// What its readings amount to. Trusted: whoever stores a block stores its summary with it.
    pub summary: Summary,
    /// When its readings were accepted; where the block says it of each, when the last were.
    pub accepted: Acceptance,
    /// The block, as [`encode`] wrote it; of one that lies elsewhere, its first [`crate::HEAD`] bytes.
    pub bytes: Vec<u8>,
    /// Where the block lies, if not here.
    pub away: Option<Away>,
}

impl StoredBlock {
    /// Makes a block of readings that were accepted together; see [`encode`] for what they must be.
    pub fn encode(readings: &[Reading], accepted: Acceptance) -> Result<Self, BlockError> {
        let summary = Summary::of(readings).ok_or(BlockError::Empty)?;
        Ok(Self {
            summary,
            accepted,
            bytes: encode(readings)?,
            away: None,
        })
    }

    /// Makes blocks of any readings that were accepted together, cut by [`crate::split`].
    pub fn encode_all(readings: Vec<Reading>, accepted: Acceptance) -> Result<Vec<Self>, BlockError> {
        let parts = split(readings);
        parts.iter().map(|part| Self::encode(part, accepted)).collect()
    }

    /// Its columns. Fails where its bytes are not here.
    pub fn columns(&self) -> Result<Columns, BlockError> {
        match self.away {
            Some(_) => Err(BlockError::Away),
            None => decode_columns(&self.bytes),
        }
    }

    /// Its readings, ascending.
    pub fn decode(&self) -> Result<Vec<Reading>, BlockError> {
        self.columns()?.into_readings()
    }

    /// Its readings, ascending, each with its acceptance.
    pub fn decode_accepted(&self) -> Result<Vec<Accepted>, BlockError> {
        let mut columns = self.columns()?;
        let runs = std::mem::take(&mut columns.accepted);
        let each = runs.iter().flat_map(|run| std::iter::repeat_n(run.value, run.length));
        let mut each = each.fuse();
        let of_all = self.accepted.millis();
        let accepted = |reading| Accepted {
            millis: each.next().unwrap_or(of_all),
            reading,
        };
        Ok(columns.into_readings()?.into_iter().map(accepted).collect())
    }

    /// Whether its bounds touch `start..end`.
    pub fn touches(&self, start: i64, end: i64) -> bool {
        self.summary.first.time < end && self.summary.last.time >= start
    }
}

/// What of several blocks of one stream counts, ascending, each identity once: the latest acceptance wins.
///
/// The order in which they come does not matter. Of two of one identity accepted in one millisecond the greater status,
/// then the greater bits of the value win, so that the answer stays the same from one query to the next, and whether
/// some of the blocks were merged before.
pub fn latest(mut all: Vec<Accepted>) -> Vec<Accepted> {
    // The winner comes first among its equals, where `dedup_by_key` keeps it.
    all.sort_unstable_by(|a, b| {
        let rank = |of: &Accepted| (of.millis, of.reading.status, of.reading.value.to_bits());
        let identity = |of: &Accepted| of.reading.identity();
        identity(a).cmp(&identity(b)).then_with(|| rank(b).cmp(&rank(a)))
    });
    all.dedup_by_key(|accepted| accepted.reading.identity());
    all
}

/// The readings of `start..end` in these blocks of one stream, ascending, each identity once. Blocks outside the
/// range stay closed.
pub fn read<'a>(
    blocks: impl IntoIterator<Item = &'a StoredBlock>,
    start: i64,
    end: i64,
) -> Result<Vec<Reading>, BlockError> {
    let within = blocks.into_iter().filter(|block| block.touches(start, end));
    let mut all = Vec::new();
    for group in overlapping(within.collect()) {
        all.extend(together(&group)?);
    }
    all.retain(|reading| (start..end).contains(&reading.time));
    Ok(all)
}

/// What of blocks that may hold one another's readings counts, ascending.
pub fn together(group: &[&StoredBlock]) -> Result<Vec<Reading>, BlockError> {
    if let [alone] = group {
        return alone.decode();
    }
    let mut all = Vec::new();
    for block in group {
        all.extend(block.decode_accepted()?);
    }
    Ok(latest(all).into_iter().map(|accepted| accepted.reading).collect())
}

/// Groups blocks such that those of different groups share no time; groups ascend.
pub fn overlapping(mut blocks: Vec<&StoredBlock>) -> Vec<Vec<&StoredBlock>> {
    blocks.sort_unstable_by_key(|block| (block.summary.first.time, block.accepted));
    let mut groups: Vec<Vec<&StoredBlock>> = Vec::new();
    let mut reached = i64::MIN;
    for block in blocks {
        match groups.last_mut() {
            Some(group) if block.summary.first.time <= reached => group.push(block),
            _ => groups.push(vec![block]),
        }
        reached = reached.max(block.summary.last.time);
    }
    groups
}
