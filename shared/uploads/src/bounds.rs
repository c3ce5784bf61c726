//! How much one upload may give the worker to write.

use blocks::{Reading, TARGET, WINDOW};
use std::collections::BTreeMap;

/// Most blocks that one upload makes: forty-odd batches of writes, a fraction of the time that the worker has.
const MAX_BLOCKS: usize = 1_024;

/// Refuses readings that would make too many blocks, each given with its stream; why, in words for whoever sent them.
pub fn few_blocks<'a, S: Ord>(readings: impl Iterator<Item = (S, &'a Reading)>) -> Result<(), String> {
    let blocks = count(readings);
    if blocks > MAX_BLOCKS {
        return Err(format!(
            "{blocks} blocks would be made of it, one for each stream and each 26 days that have readings: send at most 1,024 at once, so fewer streams or a shorter time"
        ));
    }
    Ok(())
}

/// How many blocks [`blocks::split`] makes of them, or more where several have one identity.
fn count<'a, S: Ord>(readings: impl Iterator<Item = (S, &'a Reading)>) -> usize {
    let mut sizes: BTreeMap<(S, bool, i64), usize> = BTreeMap::new();
    for (stream, reading) in readings {
        let window = reading.time.div_euclid(WINDOW);
        *sizes.entry((stream, reading.id.is_some(), window)).or_default() += 1;
    }
    sizes.into_values().map(|size| size.div_ceil(TARGET)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::Status;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn blocks_are_counted_as_they_are_cut(
            scattered in proptest::collection::vec((0..3u8, any::<bool>(), -3..3i64), 0..50), dense in 0..10_000i64,
        ) {
            let reading = |time, id| Reading { time, value: 0.0, status: Status::Clean, id };
            let mut readings: Vec<_> = (0..dense).map(|n| (0, reading(n, None))).collect();
            let scattered = scattered.into_iter().zip(1..);
            readings.extend(scattered.map(|((stream, has_id, window), n)| {
                (stream, reading(window * WINDOW + 20_000 + i64::from(n), has_id.then_some(n)))
            }));
            let mut streams: BTreeMap<u8, Vec<Reading>> = BTreeMap::new();
            readings.iter().for_each(|(stream, reading)| streams.entry(*stream).or_default().push(*reading));
            let cut: usize = streams.into_values().map(|stream| blocks::split(stream).len()).sum();
            prop_assert_eq!(count(readings.iter().map(|(stream, reading)| (stream, reading))), cut);
        }
    }
}
