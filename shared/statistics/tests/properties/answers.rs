//! Statistics.

use crate::{range, stream, windows};
use blocks::{Acceptance, Reading, Status, StoredBlock};
use proptest::prelude::*;
use statistics::{Ask, Tally, Windows, answer};
use std::num::NonZeroU64;

/// Whether a tally says of readings what their definition says, the sums within their stated errors.
fn agrees(tally: &Tally, readings: &[Reading]) -> Result<(), TestCaseError> {
    let values: Vec<f64> = readings.iter().map(|r| r.value).collect();
    let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).expect("not empty");
    prop_assert_eq!(tally.count(), readings.len() as u64);
    prop_assert_eq!((tally.min(), tally.max()), (fold(f64::min), fold(f64::max)));
    let ends = |r: Option<&Reading>| r.map(|r| (r.time, r.value));
    prop_assert_eq!(Some((tally.first().time, tally.first().value)), ends(readings.first()));
    prop_assert_eq!(Some((tally.last().time, tally.last().value)), ends(readings.last()));
    let magnitudes: f64 = values.iter().map(|value| value.abs()).sum();
    let sum: f64 = values.iter().sum();
    // The reference is off by as many roundings as it has terms.
    let allowed = (22.0 + values.len() as f64) * f64::EPSILON * magnitudes;
    prop_assert!((tally.sum() - sum).abs() <= allowed);
    let mean = sum / values.len() as f64;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let expected = (values.len() > 1).then(|| (spread / (values.len() - 1) as f64).sqrt());
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()));
    prop_assert!(
        tally
            .stddev()
            .zip(expected)
            .map_or(tally.stddev() == expected, |(a, b)| close(a, b))
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_equal_the_long_way(stream in stream(), (start, end) in range(), windows in windows(), percentiles: bool) {
        let ask = Ask { start, end, windows: windows.clone(), percentiles };
        let found = answer(&stream.blocks, &stream.loose, &ask).expect("just encoded");
        let all = stream.naive(start, end);
        let expected: Vec<_> = all.chunk_by(|a, b| windows.of(a.time) == windows.of(b.time)).collect();
        prop_assert_eq!(found.windows.len(), expected.len());
        for (window, readings) in found.windows.iter().zip(expected) {
            let begins = if windows == Windows::Whole { start } else { windows.of(readings[0].time).start };
            prop_assert_eq!(window.start, begins);
            agrees(&window.tally, readings)?;
            prop_assert_eq!(window.tally.percentiles().is_some(), percentiles);
            if let Some(percentiles) = window.tally.percentiles() {
                let mut values: Vec<f64> = readings.iter().map(|r| r.value).collect();
                values.sort_by(f64::total_cmp);
                prop_assert_eq!(percentiles.at(50.0), Some(values[values.len().div_ceil(2) - 1]));
            }
        }
    }

    #[test]
    fn slices_of_a_range_add_up(stream in stream(), (start, end) in range(), windows in windows(), cut: i64) {
        let ask = |start, end| Ask { start, end, windows: windows.clone(), percentiles: false };
        let cut = cut.clamp(start, end);
        let windows = |start, end| answer(&stream.blocks, &stream.loose, &ask(start, end)).expect("just encoded").windows;
        let mut counts: Vec<u64> = windows(start, cut).iter().map(|w| w.tally.count()).collect();
        counts.extend(windows(cut, end).iter().map(|w| w.tally.count()));
        let whole: u64 = windows(start, end).iter().map(|w| w.tally.count()).sum();
        prop_assert_eq!(counts.iter().sum::<u64>(), whole);
    }
}

fn block(from: i64, to: i64, accepted: u64) -> StoredBlock {
    let reading = |time: i64| Reading {
        time,
        value: time as f64,
        status: Status::Clean,
        id: None,
    };
    let readings: Vec<_> = (from..to).map(reading).collect();
    StoredBlock::encode(&readings, Acceptance::from_millis(accepted)).expect("good readings")
}

fn ask(start: i64, end: i64, width: u64) -> Ask {
    Ask {
        start,
        end,
        windows: NonZeroU64::new(width).map_or(Windows::Whole, Windows::Every),
        percentiles: false,
    }
}

#[test]
fn blocks_that_overlap_nothing_stay_closed() {
    let blocks = [block(0, 100, 1), block(100, 200, 2), block(200, 300, 3)];
    let count = |ask: &Ask| {
        let found = answer(&blocks, &[], ask).expect("good blocks");
        (
            found.decoded,
            found
                .windows
                .iter()
                .map(|w| (w.start, w.tally.count()))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(count(&ask(0, 300, 0)), (0, vec![(0, 300)]));
    assert_eq!(count(&ask(50, 300, 0)), (1, vec![(50, 250)]));
    assert_eq!(count(&ask(0, 300, 150)), (1, vec![(0, 150), (150, 150)]));
    let percentiles = Ask {
        percentiles: true,
        ..ask(0, 300, 0)
    };
    assert_eq!(count(&percentiles).0, 3);
}

#[test]
fn a_resent_reading_counts_once_and_the_latest_is_it() {
    let blocks = [block(0, 100, 1), block(99, 150, 2), block(500, 600, 3)];
    let found = answer(&blocks, &[], &ask(i64::MIN, i64::MAX, 0)).expect("good blocks");
    assert_eq!((found.decoded, found.windows[0].tally.count()), (2, 250));
}

#[test]
fn a_broken_block_matters_only_where_it_is_opened() {
    let mut blocks = [block(0, 100, 1), block(200, 300, 2)];
    blocks[1].bytes.truncate(20);
    assert!(answer(&blocks, &[], &ask(0, 300, 0)).is_ok());
    assert!(answer(&blocks, &[], &ask(0, 250, 0)).is_err());
}

#[test]
fn the_edges_of_time_have_windows() {
    let blocks = [block(i64::MIN, i64::MIN + 1, 1), block(i64::MAX - 1, i64::MAX, 1)];
    let found = answer(&blocks, &[], &ask(i64::MIN, i64::MAX, 3_600_000_000_000)).expect("good blocks");
    let starts: Vec<_> = found.windows.iter().map(|w| w.start).collect();
    assert_eq!(starts, [i64::MIN, 9_223_369_200_000_000_000]);
}

#[test]
fn the_rate_is_of_a_second() {
    let blocks = [block(0, 11, 1)];
    let found = answer(&blocks, &[], &ask(0, 100, 0)).expect("good blocks");
    assert_eq!(found.windows[0].tally.rate(), Some(1e9));
    let found = answer(&blocks, &[], &ask(3, 4, 0)).expect("good blocks");
    assert_eq!(found.windows[0].tally.rate(), None);
}
