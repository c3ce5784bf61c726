//! What is deleted is gone, and nothing else, whatever was merged before or is merged after.

#![expect(clippy::expect_used, reason = "what a test prepares must be good")]

use crate::{bits, stored};
use blocks::compaction::execute;
use blocks::{Hole, StoredBlock, latest, read};
use proptest::prelude::*;

fn hole() -> impl Strategy<Value = Hole> {
    (-300..300i64, 0..200i64, prop_oneof![0..8u64, Just(u64::MAX)]).prop_map(|(start, length, until)| Hole {
        start,
        end: start + length,
        until,
    })
}

fn without(blocks: Vec<StoredBlock>, holes: &[Hole]) -> Vec<StoredBlock> {
    let left = blocks
        .into_iter()
        .filter_map(|block| block.without(holes).expect("good blocks"));
    left.collect()
}

fn merged(blocks: &[StoredBlock]) -> Vec<StoredBlock> {
    let all: Vec<_> = blocks.iter().collect();
    match all.as_slice() {
        [] => Vec::new(),
        all => execute(all, 50).expect("good blocks"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holes_take_what_is_in_them_and_nothing_else(
        blocks in stored(), holes in proptest::collection::vec(hole(), 0..4),
    ) {
        let mut all: Vec<_> = blocks.iter().flat_map(|block| block.decode_accepted().expect("good blocks")).collect();
        all.retain(|of| !holes.iter().any(|hole| hole.holds(of.reading.time, of.millis)));
        let expected: Vec<_> = latest(all).into_iter().map(|of| of.reading).collect();
        let before = without(merged(&blocks), &holes);
        let after = merged(&without(blocks.clone(), &holes));
        for left in [without(blocks, &holes), before, after] {
            prop_assert_eq!(bits(&read(&left, i64::MIN, i64::MAX).expect("good blocks")), bits(&expected));
            // Nothing is left to take out.
            prop_assert_eq!(without(left.clone(), &holes), left);
        }
    }
}
