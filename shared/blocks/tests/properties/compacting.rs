//! Readers notice nothing of compaction, nor does what arrives after it.

#![expect(clippy::expect_used, clippy::panic, reason = "what a test prepares must be good")]

use crate::{bits, stored};
use blocks::compaction::{Descriptor, Rules, execute, plan};
use blocks::{StoredBlock, WINDOW, latest, read};
use proptest::prelude::*;

/// No block of [`stored`] has more readings.
const LARGEST: usize = 30;

/// One round of compaction: the blocks afterwards, and whether anything was done.
fn round(blocks: &[StoredBlock], rules: &Rules) -> (Vec<StoredBlock>, bool) {
    let descriptors: Vec<_> = blocks.iter().map(Descriptor::of).collect();
    let batches = plan(&descriptors, rules);
    let mut gone: Vec<usize> = batches.concat();
    let mut after: Vec<_> = (0..blocks.len())
        .filter(|n| !gone.contains(n))
        .map(|n| blocks[n].clone())
        .collect();
    for batch in &batches {
        let inputs: Vec<_> = batch.iter().map(|n| &blocks[*n]).collect();
        after.extend(execute(&inputs, rules.target).expect("good blocks"));
    }
    gone.sort_unstable();
    gone.dedup();
    assert_eq!(gone.len(), batches.concat().len(), "a block in two batches");
    (after, !batches.is_empty())
}

/// Compaction until there is nothing to do.
fn compacted(mut blocks: Vec<StoredBlock>, rules: &Rules) -> Vec<StoredBlock> {
    for _ in 0..100 {
        let (after, more) = round(&blocks, rules);
        // Unless blocks were larger than they should be.
        let fewer = after.len() <= blocks.len() || rules.target < LARGEST;
        assert!(fewer, "{} blocks of {}", after.len(), blocks.len());
        blocks = after;
        if !more {
            return blocks;
        }
    }
    panic!("compaction goes on for ever: {blocks:?}");
}

fn rules() -> impl Strategy<Value = Rules> {
    (1..60usize, prop_oneof![Just(i64::MAX), -200..200i64], 1..4u64).prop_map(|(target, before, times)| Rules {
        target,
        before,
        at_once: target as u64 * times,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_reads_as_before(
        blocks in stored(), rules in rules(), start in -300..100i64, length in 0..600i64,
    ) {
        let after = compacted(blocks.clone(), &rules);
        let read = |blocks: &[StoredBlock]| bits(&read(blocks, start, start + length).expect("good blocks"));
        prop_assert_eq!(read(&after), read(&blocks));
    }

    #[test]
    fn what_arrives_later_counts_as_if_nothing_had_been_merged(
        blocks in stored(), rules in rules(), cut in any::<prop::sample::Index>(),
    ) {
        // Any of the messages may be the late ones, accepted before or after the others.
        let (mut there, mut late) = (blocks.clone(), Vec::new());
        for _ in 0..cut.index(blocks.len().max(1)) {
            late.push(there.remove(cut.index(there.len())));
        }
        let after = [compacted(there, &rules), late].concat();
        let all = |blocks: &[StoredBlock]| {
            let accepted = blocks.iter().flat_map(|block| block.decode_accepted().expect("good blocks")).collect();
            latest(accepted).into_iter().map(|a| (a.millis, a.reading.identity(), a.reading.value.to_bits())).collect::<Vec<_>>()
        };
        prop_assert_eq!(all(&after), all(&blocks));
    }

    #[test]
    fn blocks_in_between_are_no_harm(blocks in stored(), rules in rules()) {
        // Written and not yet deleted: both are there.
        let (after, _) = round(&blocks, &rules);
        let both = [blocks.clone(), after].concat();
        let all = |blocks: &[StoredBlock]| bits(&read(blocks, i64::MIN, i64::MAX).expect("good blocks"));
        prop_assert_eq!(all(&both), all(&blocks));
    }

    #[test]
    fn what_was_merged_overlaps_no_more(blocks in stored(), target in LARGEST..60) {
        let rules = Rules { target, before: i64::MAX, at_once: u64::MAX };
        let after = compacted(blocks, &rules);
        prop_assert!(after.iter().all(|block| block.summary.count <= target as u64));
        for ids in [true, false] {
            let mut kind: Vec<_> = after.iter().filter(|block| block.has_ids() == ids).collect();
            kind.sort_by_key(|block| (block.summary.first.time, block.summary.last.time));
            prop_assert!(kind.windows(2).all(|pair| pair[0].summary.last.time <= pair[1].summary.first.time));
        }
    }
}

#[test]
fn a_hundred_uploads_become_one_block_and_large_ones_stay() {
    let descriptor = |first: i64, count: u64| Descriptor {
        first,
        last: first + 9,
        count,
        has_ids: false,
    };
    let rules = Rules {
        target: 10_000,
        before: i64::MAX,
        at_once: 40_000,
    };
    let small: Vec<_> = (0..100).map(|n| descriptor(n * 10, 100)).collect();
    assert_eq!(plan(&small, &rules), [(0..100).collect::<Vec<_>>()]);
    let large: Vec<_> = (0..100).map(|n| descriptor(n * 10, 10_000)).collect();
    assert_eq!(plan(&large, &rules), Vec::<Vec<usize>>::new());
    // A late upload over a large block goes into it; one in another window does not.
    let late = [descriptor(0, 10_000), descriptor(5, 10), descriptor(WINDOW, 10)];
    assert_eq!(plan(&late, &rules), [[0, 1]]);
    let young = Rules { before: 9, ..rules };
    assert_eq!(plan(&small, &young), Vec::<Vec<usize>>::new());
}
