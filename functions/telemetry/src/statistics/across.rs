//! One variable of many devices, window by window: each device's stream by itself, then what they have in common.

use super::summarise::{Summarised, summarise};
use crate::stored::{Blocks, Bounds, MAX_BYTES, Times};
use futures::future::try_join_all;
use http_api::Problem;
use statistics::{WindowTally, Windows};
use std::collections::BTreeMap;

/// Most blocks that one request reads, of all devices together; where each has to be opened, as many as it may of one stream.
const MAX_BLOCKS: usize = 20_000;
/// How many streams are summarised at once; where values are kept for percentiles, one.
const AT_ONCE: usize = 8;
/// Less than a stream's blocks can be is asked of none.
const LEAST_BLOCKS: usize = 100;

/// What was found in a window, by the place of the device among those asked.
pub type Shares = Vec<(usize, WindowTally)>;
/// All that was found in a window, and how many devices have a share in it.
pub type Whole = (usize, WindowTally);

/// What is asked of each device.
pub struct Asked {
    /// The range.
    pub times: Times,
    /// How it is cut.
    pub windows: Windows,
    /// Whether percentiles are told.
    pub percentiles: bool,
    /// How many windows there are to be at most.
    pub limit: usize,
}

/// The first windows of a range, ascending, each as `add` makes it out of what each device has in it; and whether there may be more.
pub async fn across<S: Blocks, T>(
    sources: &[S],
    asked: &Asked,
    add: impl Fn(Option<T>, (usize, WindowTally)) -> T,
) -> Result<(Vec<T>, bool), Problem> {
    let (at_once, mut left) = match asked.percentiles {
        true => (1, Bounds::REQUEST.blocks),
        false => (AT_ONCE, MAX_BLOCKS),
    };
    let (mut found, mut place) = (Found::new(asked.limit), 0);
    for some in sources.chunks(at_once) {
        // What a device leaves of its share is for those after it.
        let share = left / (sources.len() - place).max(1);
        let bounds = Bounds {
            blocks: share.max(LEAST_BLOCKS),
            bytes: MAX_BYTES / at_once,
        };
        let each = some.iter().map(|source| {
            summarise(
                source,
                asked.times,
                (&asked.windows, asked.percentiles),
                (asked.limit, bounds),
            )
        });
        for device in try_join_all(each).await? {
            left = left.saturating_sub(device.read);
            found.take(device, |before, window| add(before, (place, window)));
            place += 1;
        }
    }
    Ok(found.page())
}

/// The first windows so far.
struct Found<T> {
    windows: BTreeMap<i64, T>,
    limit: usize,
    more: bool,
    /// Of devices of which there may be more, no window is whole beyond the last that was read.
    whole: i64,
}

impl<T> Found<T> {
    fn new(limit: usize) -> Self {
        Self {
            windows: BTreeMap::new(),
            limit,
            more: false,
            whole: i64::MAX,
        }
    }

    /// Adds a device. What lies beyond a page stays there, whatever is added, and is let go.
    fn take(&mut self, device: Summarised, add: impl Fn(Option<T>, WindowTally) -> T) {
        if let Some(last) = device.windows.last().filter(|_| device.more) {
            self.whole = self.whole.min(last.start);
            self.more = true;
        }
        for window in device.windows {
            let start = window.start;
            let so_far = self.windows.remove(&start);
            self.windows.insert(start, add(so_far, window));
        }
        while self.windows.len() > self.limit {
            self.windows.pop_last();
            self.more = true;
        }
    }

    fn page(self) -> (Vec<T>, bool) {
        let whole = self.whole;
        let windows = self.windows.into_iter().take_while(|(start, _)| *start <= whole);
        (windows.map(|(_, window)| window).collect(), self.more)
    }
}

/// Keeps each device's share of a window.
pub fn apart(so_far: Option<Shares>, share: (usize, WindowTally)) -> Shares {
    let mut shares = so_far.unwrap_or_default();
    shares.push(share);
    shares
}

/// Adds a device's share of a window to those of the others. Percentiles are as exact as those of one stream: counts are added, not percentiles.
pub fn as_one(so_far: Option<Whole>, (_, share): (usize, WindowTally)) -> Whole {
    match so_far {
        Some((devices, mut whole)) => {
            whole.tally.add(&share.tally);
            (devices + 1, whole)
        }
        None => (1, share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::{Memory, memory, now, times};
    use proptest::prelude::*;
    use std::num::NonZeroU64;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn windows_are_those_of_all_readings_of_all_devices(
            devices in proptest::collection::vec(memory(), 0..12), times in times(), width in 1..40u64, limit in 1..6usize,
            percentiles: bool,
        ) {
            let windows = Windows::Every(NonZeroU64::new(width).unwrap());
            let asked = Asked { times, windows: windows.clone(), percentiles, limit };
            let (found, more) = now(across(&devices, &asked, as_one)).unwrap();
            let (each, _) = now(across(&devices, &asked, apart)).unwrap();
            let mut all: Vec<_> = devices.iter().flat_map(|device: &Memory| device.all(times)).collect();
            all.sort_by_key(|reading| reading.time);
            let expected: Vec<_> = all.chunk_by(|a, b| windows.of(a.time) == windows.of(b.time)).collect();
            prop_assert_eq!(found.len(), expected.len().min(limit));
            prop_assert!(more || expected.len() <= limit);
            prop_assert_eq!(found.len(), each.len());
            for (((count, whole), shares), readings) in found.iter().zip(&each).zip(expected) {
                let tally = &whole.tally;
                let values = || readings.iter().map(|r| r.value);
                prop_assert_eq!(tally.count(), readings.len() as u64);
                prop_assert_eq!(tally.sum(), values().sum::<f64>());
                prop_assert_eq!((tally.min(), tally.max()), (values().fold(9.0, f64::min), values().fold(-9.0, f64::max)));
                let ends = (tally.first().time, tally.last().time);
                prop_assert_eq!(ends, (readings[0].time, readings[readings.len() - 1].time));
                prop_assert!(shares.windows(2).all(|pair| pair[0].0 < pair[1].0));
                prop_assert_eq!((*count, whole.start), (shares.len(), shares[0].1.start));
                let mut sorted: Vec<_> = values().collect();
                sorted.sort_by(f64::total_cmp);
                let middle = sorted[(sorted.len() - 1) / 2];
                let told = tally.percentiles().and_then(|percentiles| percentiles.at(50.0));
                prop_assert_eq!(told, percentiles.then_some(middle));
            }
        }
    }
}
