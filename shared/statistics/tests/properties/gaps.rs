//! Gaps.

use crate::{STEP, range, stream};
use proptest::prelude::*;
use statistics::{Gap, Gaps};

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_equal_the_long_way(stream in stream(), (start, end) in range(), steps in 0..200i64, cut: i64) {
        let longer_than = (steps * STEP).cast_unsigned();
        let mut gaps = Gaps::new(Some(start), longer_than);
        let cut = cut.clamp(start, end);
        for range in [(start, cut), (cut, end)] {
            gaps.search(&stream.blocks, &stream.loose, range).expect("just encoded");
        }
        gaps.reach(end);
        let mut times: Vec<i64> = stream.naive(start, end).iter().map(|r| r.time).collect();
        times.insert(0, start);
        times.push(end);
        let pairs = times.windows(2).map(|pair| Gap { after: pair[0], until: pair[1] });
        let expected: Vec<_> = pairs.filter(|gap| gap.until > gap.after && gap.until.abs_diff(gap.after) > longer_than).collect();
        prop_assert_eq!(gaps.found(), expected);
    }
}
