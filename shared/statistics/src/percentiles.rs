//! Percentiles: exact for as many values as are kept, beyond them from how many values lie between two borders.
//!
//! Borders are where the seven bits of a float after its exponent change: 128 in each octave, so that a value in the
//! middle of its bucket is off by at most 1/256 of itself. The idea is that of `HdrHistogram`, over the bits that a float
//! has anyway; a bucket is found without a logarithm. (For values below 2^-1022, which have no exponent of their own, the
//! error is below 2^-1022 instead, and zero is zero.)

use std::collections::BTreeMap;

/// So many values are kept as they are: percentiles of no more are exact.
pub const EXACT: usize = 16_384;
/// Percentiles of more values are off by at most this part of themselves.
pub const RELATIVE_ERROR: f64 = 1.0 / 256.0;

/// Buckets of an octave.
const BUCKETS: usize = 128;
/// The bits of a float below those that tell its bucket.
const BELOW: u32 = 45;

/// Enough of some values to tell their percentiles. What is not a number is passed over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Percentiles {
    /// All values, as long as there are few.
    values: Vec<f64>,
    /// Then, for each octave of either sign in ascending order, how many values its buckets have.
    counts: BTreeMap<u64, Box<[u32; BUCKETS]>>,
    /// And the extremes.
    ends: Option<(f64, f64)>,
}

impl Percentiles {
    /// Of these values.
    pub fn of(values: &[f64]) -> Self {
        let mut percentiles = Self::default();
        percentiles.add_values(values);
        percentiles
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.add_values(&other.values);
        let Some((least, most)) = other.ends else { return };
        self.spill();
        for (octave, buckets) in &other.counts {
            let to = self.counts.entry(*octave).or_insert_with(|| Box::new([0; BUCKETS]));
            let pairs = to.iter_mut().zip(buckets.iter());
            pairs.for_each(|(to, more)| *to = to.saturating_add(*more));
        }
        self.widen(least, most);
    }

    fn add_values(&mut self, values: &[f64]) {
        let numbers: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        if self.is_exact() && self.values.len() + numbers.len() <= EXACT {
            self.values.extend(numbers);
        } else {
            self.spill();
            self.count(&numbers);
        }
    }

    /// Counts what has been kept as values until now.
    fn spill(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.count(&values);
    }

    fn count(&mut self, numbers: &[f64]) {
        let octave = |value: &f64| bucket(*value) / BUCKETS as u64;
        for alike in numbers.chunk_by(|a, b| octave(a) == octave(b)) {
            let Some(first) = alike.first() else { continue };
            let buckets = self
                .counts
                .entry(octave(first))
                .or_insert_with(|| Box::new([0; BUCKETS]));
            let (mut least, mut most) = (*first, *first);
            for value in alike {
                let at = usize::try_from(bucket(*value) % BUCKETS as u64).unwrap_or_default();
                if let Some(count) = buckets.get_mut(at) {
                    *count = count.saturating_add(1);
                }
                (least, most) = (least.min(*value), most.max(*value));
            }
            self.widen(least, most);
        }
    }

    fn widen(&mut self, least: f64, most: f64) {
        let (so_far, up_to) = self.ends.unwrap_or((least, most));
        self.ends = Some((so_far.min(least), up_to.max(most)));
    }

    /// Whether percentiles are exact.
    pub fn is_exact(&self) -> bool {
        self.ends.is_none()
    }

    /// The least value that is no less than so many percent of all (the nearest rank), from 0, the least, to 100, the
    /// greatest; exact up to [`EXACT`] values, else within [`RELATIVE_ERROR`]. None of nothing.
    pub fn at(&self, percent: f64) -> Option<f64> {
        self.ranked(rank(percent, self.total()))
    }

    /// The greatest value that is no greater than so many percent of all, from 0, the greatest, to 100, the least: what
    /// [`Percentiles::at`] would tell of the values' negatives. As exact as that.
    pub fn from_above(&self, percent: f64) -> Option<f64> {
        let count = self.total();
        self.ranked((count + 1).saturating_sub(rank(percent, count)))
    }

    /// How many values there are.
    fn total(&self) -> u64 {
        let counted = self.counts.values().flat_map(|of| of.iter());
        self.values.len() as u64 + counted.map(|count| u64::from(*count)).sum::<u64>()
    }

    /// The value of a rank, from 1.
    fn ranked(&self, rank: u64) -> Option<f64> {
        let Some((least, most)) = self.ends else {
            let rank = usize::try_from(rank).ok()?.checked_sub(1)?;
            let mut values = self.values.clone();
            return (rank < values.len()).then(|| *values.select_nth_unstable_by(rank, f64::total_cmp).1);
        };
        let mut left = rank;
        for (octave, buckets) in &self.counts {
            for (bucket, count) in (0..).zip(buckets.iter()) {
                let count = u64::from(*count);
                if count >= left {
                    return Some(middle(octave * BUCKETS as u64 + bucket).clamp(least, most));
                }
                left -= count;
            }
        }
        None
    }
}

/// Which of so many values in ascending order, from 1; 0 of none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded by the count on both sides"
)]
fn rank(percent: f64, count: u64) -> u64 {
    ((percent / 100.0 * count as f64).ceil().max(1.0) as u64).min(count)
}

/// The bucket of a value, in the order of values.
fn bucket(value: f64) -> u64 {
    let bits = value.to_bits();
    // Negative floats ascend as their bits descend.
    let ordered = if value.is_sign_negative() {
        !bits
    } else {
        bits | 1 << 63
    };
    ordered >> BELOW
}

/// The value in the middle of a bucket.
fn middle(bucket: u64) -> f64 {
    let ordered = bucket << BELOW | 1 << (BELOW - 1);
    let negative = ordered >> 63 == 0;
    let value = f64::from_bits(if negative { !ordered } else { ordered & !(1 << 63) });
    if value.is_subnormal() { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition.
    fn naive(values: &[f64], percent: f64) -> f64 {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let rank = (percent / 100.0 * values.len() as f64).ceil() as usize;
        values[rank.clamp(1, values.len()) - 1]
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            -1e6..1e6f64,
            any::<f64>().prop_filter("a number", |v| !v.is_nan()),
            Just(0.0)
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn few_are_exact(values in proptest::collection::vec(value(), 1..300), percent in 0.0..=100.0f64) {
            let found = Percentiles::of(&values);
            prop_assert!(found.is_exact());
            prop_assert_eq!(found.at(percent), Some(naive(&values, percent)));
            let negatives: Vec<f64> = values.iter().map(|value| -value).collect();
            prop_assert_eq!(found.from_above(percent), Some(-naive(&negatives, percent)));
        }

        #[test]
        fn many_are_within_the_stated_error(
            values in proptest::collection::vec(value(), 1..300), percent in 0.0..=100.0f64, cut in any::<prop::sample::Index>(),
        ) {
            // As if each had come often: counts, and of parts that are added.
            let (left, right) = values.split_at(cut.index(values.len()));
            let mut found = Percentiles::of(left);
            found.spill();
            found.add(&Percentiles::of(right));
            let mut other = Percentiles::of(right);
            other.spill();
            other.add(&Percentiles::of(left));
            let exact = naive(&values, percent);
            for of in [found, other] {
                let found = of.at(percent).unwrap();
                let allowed = exact.abs() * RELATIVE_ERROR + f64::MIN_POSITIVE;
                prop_assert!(found == exact || (found - exact).abs() <= allowed, "{} for {}", found, exact);
            }
        }
    }

    #[test]
    fn the_ends_are_exact_and_nothing_has_none() {
        let values: Vec<f64> = (0..100_000).map(|n| f64::from(n) / 7.0 - 5_000.0).collect();
        let found = Percentiles::of(&values);
        assert!(!found.is_exact());
        assert!((found.at(0.0).unwrap() + 5_000.0).abs() <= 5_000.0 * RELATIVE_ERROR);
        assert!((found.at(50.0).unwrap() - values[49_999]).abs() <= values[49_999].abs() * RELATIVE_ERROR);
        assert_eq!(Percentiles::of(&[]).at(50.0), None);
        assert_eq!(Percentiles::of(&[f64::NAN, 2.0]).at(50.0), Some(2.0));
    }
}
