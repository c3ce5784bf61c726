//! Statistics of a range, from stored summaries where they can be trusted and from the readings where not.

use crate::merge::{overlapping, together};
use crate::{BlockError, Reading, StoredBlock, Summary};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// What to summarise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// The first nanosecond of the range.
    pub start: i64,
    /// The first nanosecond after the range.
    pub end: i64,
    /// The width of a window in nanoseconds, windows being aligned to the Unix epoch; `None` for one window, the
    /// whole range.
    pub width: Option<NonZeroU64>,
}

/// One window with at least one reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowSummary {
    /// Where the window begins: a multiple of the width, which for the first window may lie before the range; the
    /// range's start without a width.
    pub start: i64,
    /// Its readings that are in the range.
    pub summary: Summary,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// The windows that have readings, ascending.
    pub windows: Vec<WindowSummary>,
    /// How many blocks had to be decoded; the others were answered from their stored summaries.
    pub decoded: usize,
}

/// Summarises the readings of a range, window by window.
///
/// `blocks` must hold every block of the stream that touches the range; others do no harm. A block that lies in the
/// range and in one window and whose bounds no other's overlap counts by its stored summary; the others are decoded
/// and merged first, since one may hold a later version of another's reading.
pub fn statistics(blocks: &[StoredBlock], query: &Query) -> Result<Statistics, BlockError> {
    let within = blocks.iter().filter(|block| block.touches(query.start, query.end));
    let mut windows = BTreeMap::new();
    let mut decoded = 0;
    for group in overlapping(within.collect()) {
        match group.as_slice() {
            [alone] if query.covers(&alone.summary) => {
                add(&mut windows, query.window_of(alone.summary.first.time), alone.summary);
            }
            group => {
                decoded += group.len();
                let mut readings = together(group)?;
                readings.retain(|reading| (query.start..query.end).contains(&reading.time));
                add_readings(&mut windows, query, &readings);
            }
        }
    }
    let windows = windows
        .into_iter()
        .map(|(start, summary)| WindowSummary { start, summary })
        .collect();
    Ok(Statistics { windows, decoded })
}

impl Query {
    /// Whether all of a block lies in the range and in one window.
    fn covers(&self, block: &Summary) -> bool {
        let (first, last) = (block.first.time, block.last.time);
        self.start <= first && last < self.end && self.window_of(first) == self.window_of(last)
    }

    /// Where the window of a time begins. (Before the least i64 there is no time, so the window that would begin
    /// there begins at it.)
    fn window_of(&self, time: i64) -> i64 {
        let Some(width) = self.width else { return self.start };
        let width = i128::from(width.get());
        i64::try_from(i128::from(time).div_euclid(width) * width).unwrap_or(i64::MIN)
    }
}

fn add_readings(windows: &mut BTreeMap<i64, Summary>, query: &Query, readings: &[Reading]) {
    for window in readings.chunk_by(|a, b| query.window_of(a.time) == query.window_of(b.time)) {
        if let (Some(first), Some(summary)) = (window.first(), Summary::of(window)) {
            add(windows, query.window_of(first.time), summary);
        }
    }
}

fn add(windows: &mut BTreeMap<i64, Summary>, start: i64, summary: Summary) {
    windows
        .entry(start)
        .and_modify(|so_far| *so_far = so_far.merge(&summary))
        .or_insert(summary);
}
