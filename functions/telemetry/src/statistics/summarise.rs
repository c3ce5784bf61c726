//! The windows of a range, summarised as the blocks come in.

use super::window::Window;
use crate::stored::sweep::Sweep;
use crate::stored::{Blocks, Bounds, Times, too_many};
use http_api::{Kind, Problem};
use statistics::{Ask, WindowTally, Windows, answer, opened};

/// Most windows a range may have.
const MAX_WINDOWS: i64 = 10_000;
/// About how many readings are opened at once: some 50 MB of memory.
const OPEN_AT_ONCE: u64 = 500_000;

/// The windows of a stream, and what it took to tell them.
#[derive(Debug)]
pub struct Summarised {
    /// Those that have readings, ascending.
    pub windows: Vec<WindowTally>,
    /// Whether there may be more.
    pub more: bool,
    /// How many blocks were read.
    pub read: usize,
}

/// The first windows of a range that have readings, at most `limit`; with percentiles if they are asked for. [`Windows::Whole`] begins where the
/// range does.
pub async fn summarise(
    source: &impl Blocks,
    times: Times,
    (windows, percentiles): (&Windows, bool),
    (limit, bounds): (usize, Bounds),
) -> Result<Summarised, Problem> {
    let mut sweep = Sweep::new(source, times, bounds);
    let mut found: Vec<WindowTally> = Vec::new();
    let mut floor = times.start;
    while !sweep.is_over() && found.len() <= limit {
        if sweep.is_exhausted() {
            // The last window may be cut short; those before it are whole.
            found.pop();
            return match found.is_empty() {
                true => Err(too_many(floor)),
                false => Ok(Summarised {
                    windows: found,
                    more: true,
                    read: sweep.read(),
                }),
            };
        }
        sweep.advance().await?;
        while floor < sweep.complete() {
            let end = sweep.slice(floor, sweep.complete(), OPEN_AT_ONCE);
            let ask = Ask {
                start: floor,
                end,
                windows: windows.clone(),
                percentiles,
            };
            sweep.fetch(opened(sweep.blocks(), &[], &ask)).await?;
            let part = answer(sweep.blocks(), &[], &ask).map_err(Problem::internal)?;
            part.windows
                .into_iter()
                .for_each(|window| add(&mut found, window, windows));
            floor = end;
            sweep.forget_before(floor);
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(Summarised {
        windows: found,
        more,
        read: sweep.read(),
    })
}

/// Adds what a later slice of the range tells.
fn add(found: &mut Vec<WindowTally>, window: WindowTally, windows: &Windows) {
    match found.last_mut() {
        Some(last) if *windows == Windows::Whole || last.start == window.start => last.tally.add(&window.tally),
        _ => found.push(window),
    }
}

/// Refuses ranges of more windows than anybody can look at; a range without ends goes from the stream's first reading to its last.
pub async fn check_windows(source: &impl Blocks, times: Times, window: Window) -> Result<(), Problem> {
    let edge = async |ascending| {
        let part = source.page((Times::ALL.start, i64::MAX), (ascending, None), 1).await?;
        Ok::<_, Problem>(part.blocks.into_iter().next().map(|block| block.summary))
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
    few_windows(last.saturating_sub(times.start.max(first)), window)
}

/// Refuses a length of time, in nanoseconds, of more windows than anybody can look at.
pub fn few_windows(length: i64, window: Window) -> Result<(), Problem> {
    if i128::from(length) > i128::from(window.width()) * i128::from(MAX_WINDOWS) {
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
    use crate::stored::tests::{Memory, memory, now, times};
    use blocks::{Acceptance, Reading, Status, StoredBlock};
    use proptest::prelude::*;
    use std::num::NonZeroU64;

    fn every(width: u64) -> Windows {
        NonZeroU64::new(width).map_or(Windows::Whole, Windows::Every)
    }

    #[test]
    fn files_are_read_only_for_what_is_opened() {
        let reading = |time| Reading {
            time,
            value: 1.0,
            status: Status::Clean,
            id: None,
        };
        let block = |n: i64| {
            let readings: Vec<_> = (0..10).map(|k| reading(100 * n + k)).collect();
            StoredBlock::encode(&readings, Acceptance::from_millis(1)).unwrap()
        };
        let fetched = |width, times, percentiles| {
            let memory = Memory::away((0..8).map(block).collect());
            let windows = every(width);
            now(summarise(
                &memory,
                times,
                (&windows, percentiles),
                (100, Bounds::REQUEST),
            ))
            .unwrap();
            memory.fetched()
        };
        let all = Times::ALL;
        // Blocks begin at each hundred; those of odd hundreds lie in files.
        assert_eq!(fetched(200, all, false), 0, "each block lies in a window");
        assert_eq!(fetched(105, all, false), 1, "the window of 105 begins in one");
        assert_eq!(
            fetched(200, Times { start: 0, end: 305 }, false),
            1,
            "the range ends in one"
        );
        assert_eq!(fetched(200, all, true), 4, "percentiles open all");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn windows_are_those_of_all_readings(memory in memory(), times in times(), width in 0..40u64, percentiles: bool) {
            let windows = every(width);
            let found = now(summarise(&memory, times, (&windows, percentiles), (1_000, Bounds::REQUEST))).unwrap();
            prop_assert!(!found.more);
            let found = found.windows;
            let all = memory.all(times);
            let expected: Vec<_> = all.chunk_by(|a, b| windows.of(a.time) == windows.of(b.time)).collect();
            prop_assert_eq!(found.len(), expected.len());
            for (window, readings) in found.iter().zip(expected) {
                let tally = &window.tally;
                let values = || readings.iter().map(|r| r.value);
                prop_assert_eq!(tally.count(), readings.len() as u64);
                prop_assert_eq!((tally.min(), tally.max()), (values().fold(9.0, f64::min), values().fold(-9.0, f64::max)));
                // Whole numbers are summed exactly.
                prop_assert_eq!(tally.sum(), values().sum::<f64>());
                let ends = (tally.first().time, tally.last().time);
                prop_assert_eq!(ends, (readings[0].time, readings[readings.len() - 1].time));
                let least = tally.percentiles().and_then(|percentiles| percentiles.at(0.0));
                prop_assert_eq!(least, percentiles.then_some(tally.min()));
            }
        }

        #[test]
        fn a_page_of_windows_is_the_beginning_of_all(memory in memory(), times in times(), limit in 1..5usize) {
            let of = |limit| now(summarise(&memory, times, (&every(7), false), (limit, Bounds::REQUEST))).unwrap();
            let (Summarised { windows: all, .. }, Summarised { windows: page, more, .. }) = (of(1_000), of(limit));
            prop_assert_eq!(more, all.len() > limit);
            prop_assert_eq!(page.len(), all.len().min(limit));
            prop_assert!(page.iter().zip(&all).all(|(a, b)| a.start == b.start && a.tally.count() == b.tally.count()));
        }
    }
}
