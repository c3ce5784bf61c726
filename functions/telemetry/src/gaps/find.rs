//! The gaps of a range, as the blocks come in.

use crate::stored::sweep::Sweep;
use crate::stored::{Blocks, Bounds, Times, too_many};
use http_api::Problem;
use statistics::{Gap, Gaps};

/// About how many readings are opened at once: some 50 MB of memory.
const OPEN_AT_ONCE: u64 = 500_000;

/// The gaps of a range that are longer than so many nanoseconds, ascending, at most `limit`, and whether there may be more. What is
/// before the first reading counts only where the range has a beginning, what is after the last only where it has an end.
///
/// Fails where so many blocks hold so few gaps that one request does not find the first.
pub async fn find(
    source: &impl Blocks,
    times: Times,
    longer_than: u64,
    limit: usize,
) -> Result<(Vec<Gap>, bool), Problem> {
    let begins = (times.start > Times::ALL.start).then_some(times.start);
    let mut gaps = Gaps::new(begins, longer_than);
    let mut sweep = Sweep::new(source, times, Bounds::REQUEST);
    let mut floor = times.start;
    while !sweep.is_over() && gaps.found().len() <= limit {
        if sweep.is_exhausted() {
            return match gaps.found() {
                [] => Err(too_many(floor)),
                found => Ok((found.to_vec(), true)),
            };
        }
        sweep.advance().await?;
        while floor < sweep.complete() {
            let end = sweep.slice(floor, sweep.complete(), OPEN_AT_ONCE);
            sweep.fetch(gaps.opened(sweep.blocks(), &[], (floor, end))).await?;
            gaps.search(sweep.blocks(), &[], (floor, end))
                .map_err(Problem::internal)?;
            floor = end;
            sweep.forget_before(floor);
        }
    }
    if sweep.is_over() && times.start < times.end && times.end < Times::ALL.end {
        gaps.reach(times.end);
    }
    let found = gaps.found();
    let more = found.len() > limit;
    Ok((found.iter().take(limit).copied().collect(), more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::{memory, now, times};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn gaps_are_those_of_all_readings(memory in memory(), times in times(), longer_than in 0..20u64, limit in 1..6usize) {
            let mut at: Vec<i64> = memory.all(times).iter().map(|r| r.time).collect();
            if times.start > 0 {
                at.insert(0, times.start);
            }
            if times != Times::ALL && times.start < times.end {
                at.push(times.end);
            }
            let pairs = at.windows(2).map(|pair| Gap { after: pair[0], until: pair[1] });
            let all: Vec<_> = pairs.filter(|gap| gap.until.abs_diff(gap.after) > longer_than).collect();
            let (found, more) = now(find(&memory, times, longer_than, limit)).unwrap();
            prop_assert_eq!(&found[..], &all[..limit.min(all.len())]);
            prop_assert_eq!(more, all.len() > limit);
        }
    }
}
