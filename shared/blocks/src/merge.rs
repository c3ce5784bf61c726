//! Blocks as they lie in a store, and the readings that several of them amount to.

use crate::{BlockError, Reading, Summary, decode, encode};

/// When a block's message was accepted, as an opaque number that grows with time: a ULID's 128 bits, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Acceptance(pub u128);

/// A block and what a store keeps beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBlock {
    /// What its readings amount to. Trusted: whoever stores a block stores its summary with it.
    pub summary: Summary,
    /// When its readings were accepted; all of them together.
    pub accepted: Acceptance,
    /// The block, as [`encode`] wrote it.
    pub bytes: Vec<u8>,
}

impl StoredBlock {
    /// Makes a block of readings that were accepted together; see [`encode`] for what they must be.
    pub fn encode(readings: &[Reading], accepted: Acceptance) -> Result<Self, BlockError> {
        let summary = Summary::of(readings).ok_or(BlockError::Empty)?;
        Ok(Self {
            summary,
            accepted,
            bytes: encode(readings)?,
        })
    }

    /// Its readings, ascending.
    pub fn decode(&self) -> Result<Vec<Reading>, BlockError> {
        decode(&self.bytes)
    }

    /// Whether its bounds touch `start..end`.
    pub fn touches(&self, start: i64, end: i64) -> bool {
        self.summary.first.time < end && self.summary.last.time >= start
    }
}

/// The readings of several blocks of one stream, ascending, each identity once: the latest acceptance wins.
///
/// The order of the blocks does not matter. Should two of one acceptance hold one identity, which a message never
/// makes, the greater status, then the greater bits of the value win, so that the answer stays the same from one
/// query to the next.
pub fn merge(blocks: Vec<(Acceptance, Vec<Reading>)>) -> Vec<Reading> {
    let mut all: Vec<_> = blocks
        .into_iter()
        .flat_map(|(accepted, readings)| readings.into_iter().map(move |r| (accepted, r)))
        .collect();
    // The winner comes first among its equals, where `dedup_by_key` keeps it.
    all.sort_unstable_by(|(accepted, a), (other, b)| {
        let rank = |accepted, r: &Reading| (accepted, r.status, r.value.to_bits());
        a.identity()
            .cmp(&b.identity())
            .then_with(|| rank(*other, b).cmp(&rank(*accepted, a)))
    });
    all.dedup_by_key(|(_, reading)| reading.identity());
    all.into_iter().map(|(_, reading)| reading).collect()
}

/// The readings of `start..end` in these blocks of one stream, ascending, each identity once. Blocks outside the
/// range stay closed.
pub fn read<'a>(
    blocks: impl IntoIterator<Item = &'a StoredBlock>,
    start: i64,
    end: i64,
) -> Result<Vec<Reading>, BlockError> {
    let within = blocks.into_iter().filter(|block| block.touches(start, end));
    let decoded: Vec<_> = within
        .map(|block| Ok((block.accepted, block.decode()?)))
        .collect::<Result<_, BlockError>>()?;
    let mut readings = merge(decoded);
    readings.retain(|reading| (start..end).contains(&reading.time));
    Ok(readings)
}
