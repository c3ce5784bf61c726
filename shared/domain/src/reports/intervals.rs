//! Which ids of a streamer's readings are stored already.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Sets of ids as few closed intervals, ascending, that neither touch nor overlap.
///
/// A high-water mark would not do: a report can arrive after a newer one, and its readings count all the same. A
/// streamer that does not send all of its device's streams leaves a gap after every report (the ids of the others),
/// so the list grows; beyond [`IdIntervals::MAX`] it **forgets the interval of the lowest ids**. What follows from
/// that errs on the right side: nothing new is ever refused, and a report sent again after hundreds of newer ones has
/// its readings written again, where those of the same time replace their equals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub struct IdIntervals(Vec<(u32, u32)>);

/// Bytes or pairs that are no [`IdIntervals`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the intervals of ids are not ascending, apart and at most 256")]
pub struct IntervalsError;

impl IdIntervals {
    /// Most intervals kept. With [`IdIntervals::to_bytes`] that many take about 1 KB, which is what one write unit of
    /// DynamoDB carries.
    pub const MAX: usize = 256;

    /// Whether an id is in one of them.
    pub fn contains(&self, id: u32) -> bool {
        let after = self.0.partition_point(|(_, high)| *high < id);
        self.0.get(after).is_some_and(|(low, _)| *low <= id)
    }

    /// Adds the ids from the one end to the other, both included; nothing if the range is empty.
    pub fn insert(&mut self, ids: RangeInclusive<u32>) {
        if ids.is_empty() {
            return;
        }
        let (mut low, mut high) = ids.into_inner();
        let from = self.0.partition_point(|(_, end)| end.saturating_add(1) < low);
        let to = self.0.partition_point(|(start, _)| *start <= high.saturating_add(1));
        for (start, end) in self.0.get(from..to).unwrap_or_default() {
            low = low.min(*start);
            high = high.max(*end);
        }
        self.0.splice(from..to.max(from), [(low, high)]);
        let excess = self.0.len().saturating_sub(Self::MAX);
        self.0.drain(..excess);
    }

    /// The intervals, ascending, both ends included.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.iter().copied()
    }

    /// The intervals as bytes: for each the distance from the one before it and its length less one, as LEB128.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (low, high) in &self.0 {
            write_leb128(low - before, &mut bytes);
            write_leb128(high - low, &mut bytes);
            before = *high;
        }
        bytes
    }

    /// Reads what [`IdIntervals::to_bytes`] wrote.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, IntervalsError> {
        let mut pairs = Vec::new();
        let mut before = 0u32;
        while !bytes.is_empty() && pairs.len() <= Self::MAX {
            let low = before.checked_add(read_leb128(&mut bytes)?).ok_or(IntervalsError)?;
            let high = low.checked_add(read_leb128(&mut bytes)?).ok_or(IntervalsError)?;
            pairs.push((low, high));
            before = high;
        }
        Self::try_from(pairs)
    }
}

impl TryFrom<Vec<(u32, u32)>> for IdIntervals {
    type Error = IntervalsError;
    fn try_from(pairs: Vec<(u32, u32)>) -> Result<Self, IntervalsError> {
        let forward = pairs.iter().all(|(low, high)| low <= high);
        let apart = pairs
            .windows(2)
            .all(|two| matches!(two, [(_, end), (start, _)] if end.saturating_add(1) < *start));
        if forward && apart && pairs.len() <= Self::MAX {
            Ok(Self(pairs))
        } else {
            Err(IntervalsError)
        }
    }
}

impl From<IdIntervals> for Vec<(u32, u32)> {
    fn from(intervals: IdIntervals) -> Self {
        intervals.0
    }
}

/// Seven bits a byte, lowest first; the eighth says that more follow.
fn write_leb128(mut number: u32, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_leb128(bytes: &mut &[u8]) -> Result<u32, IntervalsError> {
    let mut number = 0u64;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first().ok_or(IntervalsError)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(number).map_err(|_| IntervalsError);
        }
    }
    Err(IntervalsError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn of(ranges: &[RangeInclusive<u32>]) -> IdIntervals {
        let mut intervals = IdIntervals::default();
        ranges.iter().for_each(|range| intervals.insert(range.clone()));
        intervals
    }

    #[test]
    fn an_older_report_fills_its_gap() {
        let mut stored = of(&[17..=10_016]);
        assert!(!stored.contains(16) && stored.contains(17) && stored.contains(10_016) && !stored.contains(10_017));
        stored.insert(1..=16);
        assert_eq!(stored.iter().collect::<Vec<_>>(), [(1, 10_016)]);
        assert_eq!(serde_json::to_string(&stored).unwrap(), "[[1,10016]]");
    }

    #[test]
    fn the_ends_of_all_ids_are_ids() {
        let ends = of(&[u32::MAX..=u32::MAX, 0..=0]);
        assert!(ends.contains(0) && ends.contains(u32::MAX) && !ends.contains(1) && !ends.contains(u32::MAX - 1));
        assert_eq!(of(&[0..=u32::MAX, 5..=7]).iter().collect::<Vec<_>>(), [(0, u32::MAX)]);
        #[expect(clippy::reversed_empty_ranges, reason = "what a careless caller may pass")]
        let nothing = of(&[5..=4]);
        assert_eq!(nothing, IdIntervals::default());
    }

    #[test]
    fn the_lowest_interval_is_forgotten_when_there_are_too_many() {
        let mut many = IdIntervals::default();
        (0..300).for_each(|n| many.insert(n * 1_000..=n * 1_000 + 300));
        assert_eq!((many.iter().count(), many.iter().next()), (256, Some((44_000, 44_300))));
        assert!(many.to_bytes().len() <= 1_030, "{}", many.to_bytes().len());
    }

    #[test]
    fn pairs_and_bytes_that_are_no_intervals_are_refused() {
        for wrong in ["[[5,4]]", "[[1,2],[3,4]]", "[[5,6],[1,2]]", "[[1,4294967295],[3,4]]"] {
            assert!(serde_json::from_str::<IdIntervals>(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            &[0x80][..],
            &[1],
            &[0xff, 0xff, 0xff, 0xff, 0x1f, 0],
            &[1, 1, 1, 1],
            &[2; 2 * 257],
        ] {
            assert_eq!(IdIntervals::from_bytes(wrong), Err(IntervalsError));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn they_are_the_set_of_what_was_inserted(ranges in proptest::collection::vec((0..200u32, 0..9u32), 0..40)) {
            let mut set = BTreeSet::new();
            let mut intervals = IdIntervals::default();
            for (low, length) in ranges {
                set.extend(low..=low + length);
                intervals.insert(low..=low + length);
            }
            prop_assert!((0..220).all(|id| intervals.contains(id) == set.contains(&id)));
            prop_assert_eq!(IdIntervals::from_bytes(&intervals.to_bytes()), Ok(intervals.clone()));
            prop_assert_eq!(IdIntervals::try_from(Vec::from(intervals.clone())), Ok(intervals));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(intervals) = IdIntervals::from_bytes(&bytes) {
                prop_assert_eq!(IdIntervals::try_from(Vec::from(intervals.clone())), Ok(intervals));
            }
        }
    }
}
