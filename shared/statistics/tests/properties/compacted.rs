//! Compaction leaves every answer as it was, and blocks closed.

use crate::{Stream, range, stream, windows};
use blocks::compaction::{Descriptor, Rules, execute, plan};
use blocks::{Acceptance, Reading, Status, StoredBlock};
use proptest::prelude::*;
use statistics::{Ask, Windows, answer};

fn compacted(blocks: &[StoredBlock], target: usize) -> Vec<StoredBlock> {
    let descriptors: Vec<_> = blocks.iter().map(Descriptor::of).collect();
    let rules = Rules {
        target,
        before: i64::MAX,
        at_once: u64::MAX,
    };
    let batches = plan(&descriptors, &rules);
    let gone = batches.concat();
    let stays = (0..blocks.len())
        .filter(|n| !gone.contains(n))
        .map(|n| blocks[n].clone());
    let merged = batches.iter().flat_map(|batch| {
        let inputs: Vec<_> = batch.iter().map(|n| &blocks[*n]).collect();
        execute(&inputs, target).expect("good blocks")
    });
    stays.chain(merged).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_stay(stream in stream(), (start, end) in range(), windows in windows(), target in 1..60usize) {
        let after = Stream { blocks: compacted(&stream.blocks, target), loose: stream.loose.clone() };
        let ask = Ask { start, end, windows, percentiles: true };
        let told = |stream: &Stream| {
            let windows = answer(&stream.blocks, &stream.loose, &ask).expect("good blocks").windows;
            let exact = windows.into_iter().map(|w| {
                let percentiles = w.tally.percentiles().map(|p| [0.0, 50.0, 99.0, 100.0].map(|percent| p.at(percent)));
                (w.start, w.tally.count(), w.tally.first(), w.tally.last(), percentiles)
            });
            exact.collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&after), told(&stream));
    }
}

#[test]
fn uploads_one_over_another_are_answered_from_their_sums_afterwards() {
    // Each message repeats the second half of the one before it.
    let reading = |time: i64| Reading {
        time,
        value: time as f64,
        status: Status::Clean,
        id: None,
    };
    let message = |n: i64| {
        let readings: Vec<_> = (n * 50..n * 50 + 100).map(reading).collect();
        StoredBlock::encode(&readings, Acceptance::from_millis(n.cast_unsigned())).expect("good readings")
    };
    let before: Vec<_> = (0..20).map(message).collect();
    let after = compacted(&before, 10_000);
    let ask = Ask {
        start: 0,
        end: 10_000,
        windows: Windows::Whole,
        percentiles: false,
    };
    let told = |blocks: &[StoredBlock]| {
        let answer = answer(blocks, &[], &ask).expect("good blocks");
        (
            answer.decoded,
            answer.windows[0].tally.count(),
            answer.windows[0].tally.sum(),
        )
    };
    assert_eq!(
        (told(&before), told(&after)),
        ((20, 1_050, 550_725.0), (0, 1_050, 550_725.0))
    );
    assert_eq!(after.len(), 1);
}
