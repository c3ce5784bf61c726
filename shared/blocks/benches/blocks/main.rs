//! What a block costs: bytes a reading, and millions of readings a second on one core, series by series.
//!
//! `cargo bench -p blocks --bench blocks` prints the table, with ` -- jitter` only the series of such a name. Sizes are exact and the same on every run; speeds are the best of some
//! rounds, since whatever else the machine does can only slow one down.

mod series;

use blocks::{BlockError, Reading, decode, decode_columns, encode};
use series::Series;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one speed is measured.
const PATIENCE: Duration = Duration::from_millis(150);

fn main() -> Result<(), BlockError> {
    println!(
        "{:<34}{:>10}{:>10}{:>7}{:>10}{:>10}{:>10}",
        "", "B/reading", "B/reading", "bar", "encode", "decode", "to rows"
    );
    println!(
        "{:<34}{:>10}{:>10}{:>7}{:>10}{:>10}{:>10}",
        "series", "of 1,000", "of 10,000", "", "M/s", "M/s", "M/s"
    );
    // cargo bench itself passes `--bench`.
    let wanted = std::env::args()
        .skip(1)
        .find(|arg| !arg.starts_with('-'))
        .unwrap_or_default();
    for series in series::all().iter().filter(|series| series.name.contains(&wanted)) {
        row(series)?;
    }
    Ok(())
}

fn row(series: &Series) -> Result<(), BlockError> {
    let large: Vec<_> = series.readings.chunks(10_000).collect();
    let encoded = large.iter().map(|block| encode(block)).collect::<Result<Vec<_>, _>>()?;
    let encode = speed(&large, |block| encode(block));
    let columns = speed(&encoded, |bytes| decode_columns(bytes));
    let rows = speed(&encoded, |bytes| decode(bytes));
    println!(
        "{:<34}{:>10.3}{:>10.3}{:>7}{:>10.1}{:>10.1}{:>10.1}",
        series.name,
        bytes_a_reading(&series.readings, 1_000)?,
        bytes_a_reading(&series.readings, 10_000)?,
        series.bar.map(|bar| bar.to_string()).unwrap_or_default(),
        encode,
        columns,
        rows,
    );
    Ok(())
}

fn bytes_a_reading(readings: &[Reading], length: usize) -> Result<f64, BlockError> {
    let blocks = readings.chunks(length).map(|block| Ok(encode(block)?.len()));
    Ok(blocks.sum::<Result<usize, BlockError>>()? as f64 / readings.len() as f64)
}

/// Million readings a second, of work that takes blocks of 10,000.
fn speed<B, R>(blocks: &[B], work: impl Fn(&B) -> R) -> f64 {
    let mut best = Duration::MAX;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        for block in blocks {
            let start = Instant::now();
            black_box(work(black_box(block)));
            best = best.min(start.elapsed());
        }
    }
    10_000.0 / best.as_secs_f64() / 1e6
}
