//! The windows of a range, summarised as the blocks come in.

use crate::stored::sweep::Sweep;
use crate::stored::{Blocks, Times, too_many};
use blocks::{Query, WindowSummary};
use http_api::{Kind, Problem};
use std::num::NonZeroU64;

/// Most windows a range may have.
const MAX_WINDOWS: i64 = 10_000;
/// About how many readings are opened at once: some 50 MB of memory.
const OPEN_AT_ONCE: u64 = 500_000;

/// The windows that have readings, ascending, at most `limit`, and whether there may be more. Without a width one window, the whole
/// range.
pub async fn windows(
    source: &impl Blocks,
    times: Times,
    width: Option<NonZeroU64>,
    limit: usize,
) -> Result<(Vec<WindowSummary>, bool), Problem> {
    let mut sweep = Sweep::new(source, times);
    let mut windows: Vec<WindowSummary> = Vec::new();
    let mut floor = times.start;
    while !sweep.is_over() && windows.len() <= limit {
        if sweep.is_exhausted() {
            // The last window may be cut short; those before it are whole.
            windows.pop();
            return if windows.is_empty() {
                Err(too_many(floor))
            } else {
                Ok((windows, true))
            };
        }
        sweep.advance().await?;
        while floor < sweep.complete() {
            let end = sweep.slice(floor, sweep.complete(), OPEN_AT_ONCE);
            let query = Query {
                start: floor,
                end,
                width,
            };
            let part = blocks::statistics(sweep.blocks(), &query).map_err(Problem::internal)?;
            part.windows
                .into_iter()
                .for_each(|window| add(&mut windows, window, width));
            floor = end;
            sweep.forget_before(floor);
        }
    }
    let more = windows.len() > limit;
    windows.truncate(limit);
    Ok((windows, more))
}

/// Adds what a later slice of the range tells.
fn add(windows: &mut Vec<WindowSummary>, window: WindowSummary, width: Option<NonZeroU64>) {
    match windows.last_mut() {
        Some(last) if width.is_none() || last.start == window.start => {
            last.summary = last.summary.merge(&window.summary);
        }
        _ => windows.push(window),
    }
}

/// Refuses ranges of more windows than anybody can look at; a range without ends goes from the stream's first reading to its last.
pub async fn check_windows(source: &impl Blocks, times: Times, width: NonZeroU64) -> Result<(), Problem> {
    let edge = async |ascending| {
        let (blocks, _) = source.page((Times::ALL.start, i64::MAX), (ascending, None), 1).await?;
        Ok::<_, Problem>(blocks.into_iter().next().map(|block| block.summary))
    };
    let first = if times.start == Times::ALL.start {
        edge(true).await?.map_or(0, |s| s.first.time)
    } else {
        0
    };
    let last = if times.end == Times::ALL.end {
        edge(false).await?.map_or(0, |s| s.last.time)
    } else {
        times.end
    };
    let length = last.saturating_sub(times.start.max(first));
    if i128::from(length) > i128::from(width.get()) * i128::from(MAX_WINDOWS) {
        let detail =
            "is too narrow: the range would have more than 10,000 windows; choose a wider window or a shorter range";
        return Err(
            Problem::new(Kind::BadRequest, "The query is not valid; `errors` says where.").and("window", detail),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::{memory, now, times};
    use blocks::Summary;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn windows_are_those_of_all_readings(memory in memory(), times in times(), width in proptest::option::of(1..40u64)) {
            let width = width.and_then(NonZeroU64::new);
            let (windows, more) = now(windows(&memory, times, width, 1_000)).unwrap();
            prop_assert!(!more);
            let all = memory.all(times);
            let of = |time: i64| width.map_or(0, |width| time.div_euclid(width.get().cast_signed()));
            let expected: Vec<_> = all.chunk_by(|a, b| of(a.time) == of(b.time)).map(|w| Summary::of(w).unwrap()).collect();
            prop_assert_eq!(windows.len(), expected.len());
            for (window, expected) in windows.iter().zip(expected) {
                let summary = window.summary;
                prop_assert_eq!((summary.count, summary.min, summary.max, summary.sum), (expected.count, expected.min, expected.max, expected.sum));
                prop_assert_eq!((summary.first, summary.last), (expected.first, expected.last));
                prop_assert!(close(summary.m2, expected.m2));
            }
        }

        #[test]
        fn a_page_of_windows_is_the_beginning_of_all(memory in memory(), times in times(), limit in 1..5usize) {
            let width = NonZeroU64::new(7);
            let (all, _) = now(windows(&memory, times, width, 1_000)).unwrap();
            let (page, more) = now(windows(&memory, times, width, limit)).unwrap();
            prop_assert_eq!(more, all.len() > limit);
            prop_assert_eq!(page.len(), all.len().min(limit));
            prop_assert!(page.iter().zip(&all).all(|(a, b)| a.start == b.start && a.summary.count == b.summary.count));
        }
    }
}
