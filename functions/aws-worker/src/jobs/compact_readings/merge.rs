//! What becomes of a page of blocks.

use blocks::compaction::{Descriptor, Rules, execute, plan};
use blocks::{BlockError, Hole, MAX_READINGS, StoredBlock, WINDOW};
use std::collections::HashSet;

/// Readings that are merged at once, in some 10 MB of memory; up to four times as many where blocks overlap.
const AT_ONCE: u64 = 65_536;

/// Which blocks others take the place of.
#[derive(Debug, PartialEq)]
pub(super) struct Merged {
    /// Those that go, as places in the page.
    pub old: Vec<usize>,
    /// Those that come.
    pub new: Vec<StoredBlock>,
    /// The time before which blocks are as few as they can be; none where not even the first is.
    pub reached: Option<i64>,
}

/// Merges blocks of one stream that all end before a time, without what is in holes: a reading that was deleted is written by nobody.
pub(super) fn merge(blocks: &[&StoredBlock], before: i64, holes: &[Hole]) -> Result<Merged, BlockError> {
    let descriptors = describe(blocks);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for batch in plan(&descriptors, &rules(before)) {
        let members = batch.iter().filter_map(|place| blocks.get(*place).copied());
        let left = members.filter_map(|block| block.clone().without(holes).transpose());
        let left: Vec<StoredBlock> = left.collect::<Result<_, _>>()?;
        if !left.is_empty() {
            new.extend(execute(&left.iter().collect::<Vec<_>>(), MAX_READINGS)?);
        }
        old.extend(batch);
    }
    let stay = (0..blocks.len()).filter(|place| !old.contains(place));
    let mut after: Vec<Descriptor> = stay.filter_map(|place| descriptors.get(place).copied()).collect();
    after.extend(new.iter().map(Descriptor::of));
    Ok(Merged {
        reached: reached(after, before),
        old,
        new,
    })
}

/// The places of those that are merged, whose bytes have to be here; their order does not matter.
pub(super) fn members(blocks: &[&StoredBlock], before: i64) -> HashSet<usize> {
    plan(&describe(blocks), &rules(before)).into_iter().flatten().collect()
}

fn describe(blocks: &[&StoredBlock]) -> Vec<Descriptor> {
    blocks.iter().map(|block| Descriptor::of(block)).collect()
}

fn rules(before: i64) -> Rules {
    Rules {
        target: MAX_READINGS,
        before,
        at_once: AT_ONCE,
    }
}

/// The end of the first blocks that are full, or whose window nothing will be added to any more.
fn reached(mut blocks: Vec<Descriptor>, before: i64) -> Option<i64> {
    blocks.sort_by_key(|block| block.last);
    let window = |time: i64| time.div_euclid(WINDOW);
    let done = |block: &&Descriptor| block.count >= MAX_READINGS as u64 || window(block.last) < window(before);
    let last = blocks.iter().take_while(done).last()?;
    Some(last.last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::{Acceptance, Reading, Status};

    fn block(from: i64, count: i64) -> StoredBlock {
        let reading = |n: i64| Reading {
            time: WINDOW + from + n,
            value: n as f64,
            status: Status::Clean,
            id: None,
        };
        let readings: Vec<_> = (0..count).map(reading).collect();
        StoredBlock::encode(&readings, Acceptance(7 << 80)).unwrap()
    }

    fn merged(blocks: &[StoredBlock], before: i64) -> Merged {
        merge(&blocks.iter().collect::<Vec<_>>(), before, &[]).unwrap()
    }

    #[test]
    fn small_blocks_become_a_large_one_and_a_rest_that_grows() {
        let small: Vec<_> = (0..25).map(|n| block(n * 500, 500)).collect();
        let Merged { old, new, reached } = merged(&small, WINDOW + 100_000);
        assert_eq!(old.len(), 25);
        assert_eq!(
            new.iter().map(|block| block.summary.count).collect::<Vec<_>>(),
            [10_000, 2_500]
        );
        assert_eq!(reached, Some(WINDOW + 10_000));
        // There is nothing more to do.
        let again = merged(&new, WINDOW + 100_000);
        assert_eq!(
            (again.old, again.new, again.reached),
            (vec![], vec![], Some(WINDOW + 10_000))
        );
    }

    #[test]
    fn what_was_deleted_is_not_merged() {
        let small = [block(0, 10), block(10, 10), block(20, 10)];
        let hole = |end| Hole {
            start: WINDOW + 5,
            end: WINDOW + end,
            until: 7,
        };
        let merged = |end| merge(&small.iter().collect::<Vec<_>>(), 2 * WINDOW, &[hole(end)]).unwrap();
        let counts = |merged: Merged| -> Vec<u64> { merged.new.iter().map(|block| block.summary.count).collect() };
        assert_eq!((counts(merged(25)), counts(merged(100))), (vec![10], vec![5]));
        let all = Hole { start: 0, ..hole(100) };
        let nothing = merge(&small.iter().collect::<Vec<_>>(), 2 * WINDOW, &[all]).unwrap();
        assert_eq!((nothing.old.len(), nothing.new.len()), (3, 0));
    }

    #[test]
    fn of_a_window_that_is_over_even_a_rest_is_done() {
        let rest = [block(0, 3)];
        assert_eq!(merged(&rest, WINDOW + 10).reached, None);
        assert_eq!(merged(&rest, 2 * WINDOW).reached, Some(WINDOW + 3));
    }
}
