//! Blocks without the readings that somebody wants gone.

use crate::compaction::block_of;
use crate::{Accepted, BlockError, StoredBlock};

/// A range of times in which nothing is that was accepted until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The first nanosecond since the Unix epoch.
    pub start: i64,
    /// The first nanosecond after it.
    pub end: i64,
    /// The last millisecond since the Unix epoch whose acceptances are gone.
    pub until: u64,
}

impl Hole {
    /// Whether a reading of that time, accepted in that millisecond, is in it.
    pub fn holds(&self, time: i64, millis: u64) -> bool {
        (self.start..self.end).contains(&time) && millis <= self.until
    }

    /// Whether all of a block is in it, told without opening the block: its own acceptance is the last of its readings'.
    fn swallows(&self, block: &StoredBlock) -> bool {
        let (first, last) = (block.summary.first.time, block.summary.last.time);
        self.start <= first && last < self.end && block.accepted.millis() <= self.until
    }

    /// Whether some of a block may be in it.
    fn may_touch(&self, block: &StoredBlock) -> bool {
        let early = block.has_acceptances() || block.accepted.millis() <= self.until;
        early && block.touches(self.start, self.end)
    }
}

impl StoredBlock {
    /// Whether [`StoredBlock::without`] opens the block for these holes.
    pub fn is_opened_for(&self, holes: &[Hole]) -> bool {
        let swallowed = holes.iter().any(|hole| hole.swallows(self));
        !swallowed && holes.iter().any(|hole| hole.may_touch(self))
    }

    /// The block without what is in these holes; `None` where nothing is left. One that has nothing to lose comes back as it is, and is
    /// opened only where that cannot be told without. Deterministic; what stays keeps its acceptance.
    pub fn without(self, holes: &[Hole]) -> Result<Option<Self>, BlockError> {
        if holes.iter().any(|hole| hole.swallows(&self)) {
            return Ok(None);
        }
        let touching: Vec<_> = holes.iter().filter(|hole| hole.may_touch(&self)).collect();
        if touching.is_empty() {
            return Ok(Some(self));
        }
        let mut all: Vec<Accepted> = self.decode_accepted()?;
        let count = all.len();
        all.retain(|of| !touching.iter().any(|hole| hole.holds(of.reading.time, of.millis)));
        match all.len() {
            0 => Ok(None),
            same if same == count => Ok(Some(self)),
            _ => block_of(&all, self.accepted).map(Some),
        }
    }
}
