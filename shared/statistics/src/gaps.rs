//! Where readings are missing.

use crate::groups::{Group, groups};
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
            match self.closed(&group, (start, end)) {
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

    /// Which of these blocks [`Gaps::search`] opens, as places.
    pub fn opened(&self, blocks: &[StoredBlock], loose: &[Accepted], range: (i64, i64)) -> Vec<usize> {
        let groups = groups(blocks, loose, range).into_iter();
        let opened = groups.filter(|group| self.closed(group, range).is_none());
        opened.flat_map(Group::into_places).collect()
    }

    /// The first and the last reading of a group in which no gap is; none if it has to be opened.
    fn closed(&self, group: &Group<'_>, (start, end): (i64, i64)) -> Option<(i64, i64)> {
        let ends = group.summary().map(|summary| (summary.first.time, summary.last.time))?;
        let short = ends.1.abs_diff(ends.0) <= self.longer_than;
        (start <= ends.0 && ends.1 < end && short).then_some(ends)
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
