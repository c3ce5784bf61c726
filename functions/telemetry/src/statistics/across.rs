//! One variable of many devices, window by window: each device's stream by itself, then what they have in common.

use super::summarise::{Summarised, summarise};
use crate::stored::{Blocks, Bounds, MAX_BYTES, Times};
use futures::future::try_join_all;
use http_api::Problem;
use statistics::{WindowTally, Windows};
use std::collections::BTreeMap;

/// Most blocks that one request reads, of all devices together.
const MAX_BLOCKS: usize = 20_000;
/// How many streams are summarised at once.
const AT_ONCE: usize = 8;
/// Less than a stream's blocks can be is asked of none.
const LEAST_BLOCKS: usize = 100;

/// What was found in a window, by the place of the device among those asked.
pub type Shares = Vec<(usize, WindowTally)>;

/// The first windows of a range, ascending, at most `limit`, each with what each device has in it; and whether there may be more.
pub async fn across<S: Blocks>(
    sources: &[S],
    times: Times,
    windows: &Windows,
    limit: usize,
) -> Result<(Vec<Shares>, bool), Problem> {
    let (mut found, mut left) = (Vec::new(), MAX_BLOCKS);
    for some in sources.chunks(AT_ONCE) {
        // What a device leaves of its share is for those after it.
        let share = left / (sources.len() - found.len()).max(1);
        let bounds = Bounds {
            blocks: share.max(LEAST_BLOCKS),
            bytes: MAX_BYTES / AT_ONCE,
        };
        let each = some
            .iter()
            .map(|source| summarise(source, times, (windows, false), (limit, bounds)));
        let each: Vec<Summarised> = try_join_all(each).await?;
        left = left.saturating_sub(each.iter().map(|device| device.read).sum());
        found.extend(each);
    }
    Ok(together(found, limit))
}

/// Of devices of which there may be more, no window is whole beyond the last that was read.
fn together(devices: Vec<Summarised>, limit: usize) -> (Vec<Shares>, bool) {
    let cut = devices.iter().filter(|device| device.more);
    let whole = cut
        .filter_map(|device| device.windows.last())
        .map(|window| window.start)
        .min();
    let mut shares: BTreeMap<i64, Shares> = BTreeMap::new();
    for (place, device) in devices.into_iter().enumerate() {
        for window in device.windows {
            shares.entry(window.start).or_default().push((place, window));
        }
    }
    let more = whole.is_some() || shares.len() > limit;
    let kept = shares
        .into_iter()
        .filter(|(start, _)| whole.is_none_or(|whole| *start <= whole));
    (kept.map(|(_, shares)| shares).take(limit).collect(), more)
}

/// All shares of a window as one; none of none.
pub fn merged(shares: &Shares) -> Option<WindowTally> {
    let mut shares = shares.iter().map(|(_, window)| window);
    let mut whole = shares.next()?.clone();
    shares.for_each(|window| whole.tally.add(&window.tally));
    Some(whole)
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
        ) {
            let windows = Windows::Every(NonZeroU64::new(width).unwrap());
            let (found, more) = now(across(&devices, times, &windows, limit)).unwrap();
            let mut all: Vec<_> = devices.iter().flat_map(|device: &Memory| device.all(times)).collect();
            all.sort_by_key(|reading| reading.time);
            let expected: Vec<_> = all.chunk_by(|a, b| windows.of(a.time) == windows.of(b.time)).collect();
            prop_assert_eq!(found.len(), expected.len().min(limit));
            prop_assert!(more || expected.len() <= limit);
            for (shares, readings) in found.iter().zip(expected) {
                let tally = merged(shares).unwrap().tally;
                let values = || readings.iter().map(|r| r.value);
                prop_assert_eq!(tally.count(), readings.len() as u64);
                prop_assert_eq!(tally.sum(), values().sum::<f64>());
                prop_assert_eq!((tally.min(), tally.max()), (values().fold(9.0, f64::min), values().fold(-9.0, f64::max)));
                let ends = (tally.first().time, tally.last().time);
                prop_assert_eq!(ends, (readings[0].time, readings[readings.len() - 1].time));
                prop_assert!(shares.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
        }
    }
}
