//! Where readings are missing.

use crate::groups::groups;
use blocks::{Accepted, BlockError, StoredBlock};

/// A time without readings, longer than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The reading that it follows, or the start of the range.
    pub after: i64,
    /// The reading that ends it, or the end of the range.
    pub until: i64,
}

/// A search for gaps, range after range.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    longer_than: u64,
    after: Option<i64>,
    found: Vec<Gap>,
    decoded: usize,
}

impl Gaps {
    /// Of gaps longer than so many nanoseconds, from a time on or, without one, from the first reading on.
    pub fn new(start: Option<i64>, longer_than: u64) -> Self {
        Self {
            longer_than,
            after: start,
            found: Vec::new(),
            decoded: 0,
        }
    }

    /// Goes on over `start..end`, the range that follows the last.
    ///
    /// `blocks` and `loose` as of [`crate::answer`]. A block that is no longer than what is asked for has no gap in it and
    /// stays closed.
    pub fn search(
        &mut self,
        blocks: &[StoredBlock],
        loose: &[Accepted],
        (start, end): (i64, i64),
    ) -> Result<(), BlockError> {
        for group in groups(blocks, loose, (start, end)) {
            let ends = group.summary().map(|summary| (summary.first.time, summary.last.time));
            let short = |(first, last): &(i64, i64)| last.abs_diff(*first) <= self.longer_than;
            match ends.filter(|ends| start <= ends.0 && ends.1 < end).filter(short) {
                Some((first, last)) => [first, last].into_iter().for_each(|time| self.reach(time)),
                None => {
                    self.decoded += group.blocks();
                    let times = group.open((start, end))?.times;
                    times.into_iter().for_each(|time| self.reach(time));
                }
            }
        }
        Ok(())
    }

    /// Goes on to a time at which a reading is, or the range ends.
    pub fn reach(&mut self, until: i64) {
        let after = self.after.replace(until);
        let gap = after.map(|after| Gap { after, until });
        let long = |gap: &Gap| gap.until > gap.after && gap.until.abs_diff(gap.after) > self.longer_than;
        self.found.extend(gap.filter(long));
    }

    /// The gaps so far, ascending.
    pub fn found(&self) -> &[Gap] {
        &self.found
    }

    /// How many blocks were decoded.
    pub fn decoded(&self) -> usize {
        self.decoded
    }
}
