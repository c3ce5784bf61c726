//! CPU of statistics over one million readings.
//!
//! `cargo bench -p statistics --bench statistics` prints the table: milliseconds on one core, the best of some rounds.

use blocks::{Acceptance, BlockError, Reading, Status, StoredBlock};
use statistics::{Ask, Gaps, Windows, answer};
use std::hint::black_box;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

const SECOND: i64 = 1_000_000_000;
const READINGS: i64 = 1_000_000;

fn main() -> Result<(), BlockError> {
    for length in [1_000, 10_000] {
        println!("1,000,000 readings 1 s apart of two decimals, in blocks of {length}");
        table(&blocks_of(length)?)?;
    }
    Ok(())
}

fn table(blocks: &[StoredBlock]) -> Result<(), BlockError> {
    let all = READINGS * SECOND;
    let ask = |start, width: u64, percentiles| Ask {
        start,
        end: all,
        windows: NonZeroU64::new(width * SECOND.unsigned_abs()).map_or(Windows::Whole, Windows::Every),
        percentiles,
    };
    for (name, ask) in [
        ("one window, stored sums", ask(0, 0, false)),
        ("windows of a day, stored sums but at midnights", ask(0, 86_400, false)),
        ("windows of a minute, every block decoded", ask(0, 60, false)),
        ("windows of a second, every block decoded", ask(0, 1, false)),
        ("one window with percentiles, every block decoded", ask(0, 0, true)),
    ] {
        let decoded = answer(blocks, &[], &ask)?.decoded;
        row(name, decoded, || {
            answer(black_box(blocks), &[], &ask).map(|found| found.windows.len())
        });
    }
    let gaps = || {
        let mut gaps = Gaps::new(Some(0), 60 * SECOND.unsigned_abs());
        gaps.search(black_box(blocks), &[], (0, all)).map(|()| gaps)
    };
    row("gaps of a minute", gaps()?.decoded(), gaps);
    Ok(())
}

fn row<R>(name: &str, decoded: usize, work: impl Fn() -> R) {
    let mut best = Duration::MAX;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        black_box(work());
        best = best.min(start.elapsed());
    }
    println!("  {name:<52}{decoded:>6} decoded{:>9.2} ms", best.as_secs_f64() * 1e3);
}

/// A daily cycle and what wanders around it, in hundredths.
fn blocks_of(length: i64) -> Result<Vec<StoredBlock>, BlockError> {
    let mut wander = 0i64;
    let mut reading = |n: i64| {
        wander += ((n * 2_654_435_761) >> 7) % 5 - 2;
        let day = (n as f64 / 86_400.0 * std::f64::consts::TAU).sin() * 400.0;
        Reading {
            time: n * SECOND,
            value: (2_100.0 + day + (wander % 300) as f64).round() / 100.0,
            status: Status::Clean,
            id: None,
        }
    };
    let readings: Vec<_> = (0..READINGS).map(&mut reading).collect();
    let blocks = readings.chunks(usize::try_from(length).unwrap_or(1));
    let block = |block: &[Reading]| StoredBlock::encode(block, Acceptance::from_millis(1));
    blocks.map(block).collect()
}
