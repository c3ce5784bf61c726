//! Several blocks amount to the same readings in whatever order they come.

use crate::{bits, stored};
use blocks::{Acceptance, Reading, Status, StoredBlock, last_times_of, latest, read};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_latest_acceptance_wins_in_any_order(blocks in stored(), turn in any::<prop::sample::Index>()) {
        let mut expected = BTreeMap::new();
        for block in &blocks {
            expected.extend(block.decode().expect("just encoded").into_iter().map(|r| (r.identity(), r)));
        }
        let expected: Vec<_> = expected.into_values().collect();
        let mut turned = blocks;
        let by = turn.index(turned.len().max(1));
        turned.rotate_left(by);
        let decoded = turned.iter().flat_map(|b| b.decode_accepted().expect("just encoded")).collect();
        let kept: Vec<_> = latest(decoded).iter().map(|accepted| accepted.reading).collect();
        prop_assert_eq!(bits(&kept), bits(&expected));
    }

    #[test]
    fn a_range_is_what_lies_in_it(blocks in stored(), start in -300..300i64, length in 0..300i64) {
        let all = read(&blocks, i64::MIN, i64::MAX).expect("just encoded");
        let end = start + length;
        let expected: Vec<_> = all.into_iter().filter(|r| (start..end).contains(&r.time)).collect();
        let keys = last_times_of(start, end);
        let found = |b: &StoredBlock| keys.as_ref().is_some_and(|keys| keys.contains(&b.summary.last.time));
        let found: Vec<_> = blocks.into_iter().filter(found).collect();
        prop_assert_eq!(bits(&read(&found, start, end).expect("just encoded")), bits(&expected));
    }
}

#[test]
fn a_later_message_corrects_a_value() {
    let block = |value, accepted| {
        StoredBlock::encode(
            &[Reading {
                time: 7,
                value,
                status: Status::Clean,
                id: None,
            }],
            Acceptance::from_millis(accepted),
        )
        .unwrap()
    };
    let blocks = [block(2.0, 9), block(1.0, 3)];
    assert_eq!(
        read(&blocks, 0, 10)
            .unwrap()
            .iter()
            .map(|r| r.value)
            .collect::<Vec<_>>(),
        [2.0]
    );
}
