//! Few large blocks of many small ones, of which readers notice nothing.
//!
//! [`plan`] chooses from what is known of blocks unopened which of them belong together, [`execute`] makes the blocks
//! that take their place. Each reading keeps its acceptance, so it makes no difference which blocks are merged, in which
//! order, or what arrives meanwhile; only readings that a later one has superseded go. Whoever stores the result must
//! write the new blocks before the old ones go: in between both are there, and amount to the same.
//!
//! Planning again what has been carried out comes to an end: each round leaves fewer blocks, or fewer that overlap.

use crate::columns::{Columns, runs};
use crate::merge::{Accepted, latest};
use crate::split::{WINDOW, split_into};
use crate::{Acceptance, BlockError, MAX_READINGS, StoredBlock, Summary, encode_columns};

/// What is known of a block unopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The time of its first reading, in nanoseconds since the Unix epoch.
    pub first: i64,
    /// The time of its last.
    pub last: i64,
    /// How many readings.
    pub count: u64,
    /// Whether they have ids; see [`StoredBlock::has_ids`].
    pub has_ids: bool,
}

/// When blocks are worth merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How many readings a block should have, 1 to [`MAX_READINGS`].
    pub target: usize,
    /// Only blocks whose last reading is before that time: behind it more is to come.
    pub before: i64,
    /// How many readings are merged at once, at least `target`, or up to four times as many where blocks overlap: what there is
    /// memory for, at some 150 bytes each.
    pub at_once: u64,
}

impl Descriptor {
    /// What can be known of a block without opening it.
    pub fn of(block: &StoredBlock) -> Self {
        Self {
            first: block.summary.first.time,
            last: block.summary.last.time,
            count: block.summary.count,
            has_ids: block.has_ids(),
        }
    }
}

/// Which of these blocks of one stream should become one another's, as places in the slice; each place at most once.
///
/// Blocks with ids and those without never meet in one block, and none crosses a [`WINDOW`]. What is as large as it should
/// be and overlaps nothing stays as it is.
pub fn plan(blocks: &[Descriptor], rules: &Rules) -> Vec<Vec<usize>> {
    let mut places: Vec<usize> = (0..blocks.len()).collect();
    let of = |place: &usize| blocks.get(*place);
    places.retain(|place| of(place).is_some_and(|block| block.last < rules.before));
    places.sort_by_key(|place| of(place).map(|block| (block.has_ids, block.first, block.last)));
    let mut batches = Vec::new();
    let mut batch = Batch::default();
    for place in places {
        let Some(block) = of(&place) else { continue };
        let apart = !batch.takes(block, rules);
        if apart {
            batches.extend(std::mem::take(&mut batch).finish(rules));
        }
        batch.push(place, block);
    }
    batches.extend(batch.finish(rules));
    batches
}

/// Blocks that overlap are merged together if they have so many times as many readings as are merged at once.
const OVERLAPPING: u64 = 4;

/// Blocks that may become one another's.
#[derive(Default)]
struct Batch {
    places: Vec<usize>,
    kind: Option<(bool, i64)>,
    count: u64,
    reached: i64,
    overlaps: bool,
}

impl Batch {
    /// Whether a block, none earlier than those that are in, goes with them.
    fn takes(&self, block: &Descriptor, rules: &Rules) -> bool {
        if self.places.is_empty() {
            return true;
        }
        if self.kind != Some(kind(block)) {
            return false;
        }
        let full = |count: u64| count >= rules.target as u64;
        let (touches, count) = (block.first <= self.reached, self.count + block.count);
        let stays = self.places.len() == 1 && full(self.count) || full(block.count);
        match touches {
            true => count <= rules.at_once.saturating_mul(OVERLAPPING),
            false => !stays && count <= rules.at_once,
        }
    }

    fn push(&mut self, place: usize, block: &Descriptor) {
        let begun = !self.places.is_empty();
        self.overlaps |= begun && block.first < self.reached;
        self.reached = if begun {
            self.reached.max(block.last)
        } else {
            block.last
        };
        self.kind = Some(kind(block));
        self.count += block.count;
        self.places.push(place);
    }

    /// The blocks, if it is worth it.
    fn finish(self, rules: &Rules) -> Option<Vec<usize>> {
        let after = self.count.div_ceil(rules.target.max(1) as u64);
        (self.overlaps || after < self.places.len() as u64).then_some(self.places)
    }
}

fn kind(block: &Descriptor) -> (bool, i64) {
    (block.has_ids, block.last.div_euclid(WINDOW))
}

/// The blocks that take the place of these, of at most `target` readings each.
///
/// Deterministic, so that a repetition makes the same bytes. Takes any blocks of one stream, in any order. All carry the last
/// acceptance of those that they replace, so a store that makes keys of it may find that a new block has the key of an old
/// one: it writes over that and must not delete it.
pub fn execute(blocks: &[&StoredBlock], target: usize) -> Result<Vec<StoredBlock>, BlockError> {
    let mut all: Vec<Accepted> = Vec::new();
    for block in blocks {
        all.extend(block.decode_accepted()?);
    }
    let accepted = blocks
        .iter()
        .map(|block| block.accepted)
        .max()
        .ok_or(BlockError::Empty)?;
    let (with_ids, without): (Vec<_>, Vec<_>) = latest(all).into_iter().partition(|a| a.reading.id.is_some());
    let target = target.clamp(1, MAX_READINGS);
    let kinds = [with_ids, without];
    let parts = kinds
        .iter()
        .flat_map(|kind| split_into(kind, |a| a.reading.time, target));
    parts.map(|part| block_of(part, accepted)).collect()
}

/// A block of readings of one kind, ascending, that keep their acceptances, of which that is the last.
pub(crate) fn block_of(part: &[Accepted], accepted: Acceptance) -> Result<StoredBlock, BlockError> {
    let readings: Vec<_> = part.iter().map(|a| a.reading).collect();
    let mut columns = Columns::of(&readings)?;
    columns.accepted = runs(part, |a| a.millis);
    if columns.accepted.iter().all(|run| run.value == accepted.millis()) {
        columns.accepted.clear();
    }
    Ok(StoredBlock {
        summary: Summary::of(&readings).ok_or(BlockError::Empty)?,
        accepted,
        bytes: encode_columns(&columns)?,
        away: None,
    })
}
