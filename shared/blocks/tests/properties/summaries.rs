//! Statistics from stored summaries are those of the readings themselves.

use crate::stored;
use blocks::{Acceptance, Query, Reading, Status, StoredBlock, Summary, read, split, statistics};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZeroU64;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn same(a: &Summary, b: &Summary) -> bool {
    let exact = |s: &Summary| (s.count, s.min, s.max, s.first, s.last);
    exact(a) == exact(b) && close(a.sum, b.sum) && close(a.m2, b.m2)
}

/// Every window's summary, computed the long way from the merged readings.
fn naive(blocks: &[StoredBlock], query: &Query) -> BTreeMap<i64, Summary> {
    let mut windows: BTreeMap<i64, Vec<Reading>> = BTreeMap::new();
    for reading in read(blocks, query.start, query.end).unwrap_or_default() {
        let start = query.width.map_or(query.start, |w| {
            reading.time.div_euclid(w.get() as i64) * w.get() as i64
        });
        windows.entry(start).or_default().push(reading);
    }
    windows
        .into_iter()
        .filter_map(|(start, readings)| Some((start, Summary::of(&readings)?)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_equal_the_long_way(blocks in stored(), start in -300..100i64, length in 0..600i64, width in 0..400u64) {
        let query = Query { start, end: start + length, width: NonZeroU64::new(width) };
        let answer = statistics(&blocks, &query).expect("just encoded");
        let expected = naive(&blocks, &query);
        prop_assert_eq!(answer.windows.len(), expected.len());
        for (window, (start, summary)) in answer.windows.iter().zip(&expected) {
            prop_assert_eq!(window.start, *start);
            prop_assert!(same(&window.summary, summary), "{:?} is not {:?}", window.summary, summary);
        }
    }

    #[test]
    fn the_order_of_blocks_does_not_matter(mut blocks in stored(), turn in any::<prop::sample::Index>()) {
        let query = Query { start: -200, end: 250, width: NonZeroU64::new(100) };
        let before = statistics(&blocks, &query).expect("just encoded");
        let by = turn.index(blocks.len().max(1));
        blocks.rotate_left(by);
        prop_assert_eq!(statistics(&blocks, &query).expect("just encoded"), before);
    }
}

#[expect(clippy::unwrap_used, reason = "a test's own block")]
fn block(from: i64, to: i64, accepted: u128) -> StoredBlock {
    let readings = (from..to)
        .map(|time| Reading {
            time,
            value: time as f64,
            status: Status::Clean,
            id: None,
        })
        .collect();
    StoredBlock::encode(&split(readings)[0], Acceptance(accepted)).unwrap()
}

#[test]
fn blocks_that_overlap_nothing_stay_closed() {
    let blocks = [block(0, 100, 1), block(100, 200, 2), block(200, 300, 3)];
    let all = statistics(
        &blocks,
        &Query {
            start: 0,
            end: 300,
            width: None,
        },
    )
    .unwrap();
    assert_eq!(
        (all.decoded, all.windows[0].summary.count, all.windows[0].summary.sum),
        (0, 300, 44_850.0)
    );
    let cut = statistics(
        &blocks,
        &Query {
            start: 50,
            end: 300,
            width: None,
        },
    )
    .unwrap();
    assert_eq!(
        (cut.decoded, cut.windows[0].start, cut.windows[0].summary.count),
        (1, 50, 250)
    );
    let windows = statistics(
        &blocks,
        &Query {
            start: 0,
            end: 300,
            width: NonZeroU64::new(150),
        },
    )
    .unwrap();
    assert_eq!(
        (windows.decoded, windows.windows.len(), windows.windows[1].summary.count),
        (1, 2, 150)
    );
}

#[test]
fn a_resent_reading_counts_once() {
    let blocks = [block(0, 100, 1), block(99, 150, 2), block(500, 600, 3)];
    let all = statistics(
        &blocks,
        &Query {
            start: i64::MIN,
            end: i64::MAX,
            width: None,
        },
    )
    .unwrap();
    assert_eq!((all.decoded, all.windows[0].summary.count), (2, 250));
}

#[test]
fn a_broken_block_matters_only_where_it_is_opened() {
    let mut blocks = [block(0, 100, 1), block(200, 300, 2)];
    blocks[1].bytes.truncate(20);
    assert!(
        statistics(
            &blocks,
            &Query {
                start: 0,
                end: 300,
                width: None
            }
        )
        .is_ok()
    );
    assert!(
        statistics(
            &blocks,
            &Query {
                start: 0,
                end: 250,
                width: None
            }
        )
        .is_err()
    );
}

#[test]
fn the_edges_of_time_have_windows() {
    let at = |time| {
        StoredBlock::encode(
            &[Reading {
                time,
                value: 1.0,
                status: Status::Utc,
                id: None,
            }],
            Acceptance(1),
        )
        .unwrap()
    };
    let query = Query {
        start: i64::MIN,
        end: i64::MAX,
        width: NonZeroU64::new(3_600_000_000_000),
    };
    let starts: Vec<_> = statistics(&[at(i64::MIN), at(i64::MAX - 1)], &query)
        .unwrap()
        .windows
        .iter()
        .map(|w| w.start)
        .collect();
    assert_eq!(starts, [i64::MIN, 9_223_369_200_000_000_000]);
}
