//! What is said of many readings without naming each.

use crate::sums::{spread, sum};
use crate::{BlockError, Reading};

/// A reading's time and value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Nanoseconds since the Unix epoch.
    pub time: i64,
    /// The value.
    pub value: f64,
}

/// Statistics of at least one reading, kept so that two of them merge without reading the readings again.
///
/// The spread is kept as squared deviations from the mean, not as a sum of squares: small variations of large values
/// would vanish in the difference of two huge numbers. The sum of squares is `m2 + sum * sum / count`. Values whose sum
/// or squares exceed about 1.8e308 leave `sum` or `m2` infinite or not a number.
///
/// Of `sum` the error is at most `20 * EPSILON` times the sum of the magnitudes, `f64::EPSILON` being 2^-52, whatever
/// the count; merging adds one rounding of the sum for each of the parts. Of `m2` it is at most
/// `24 * EPSILON * m2`, and `count` times the square of what the mean is off.
///
/// What is not a number counts, makes `sum` and `m2` no number either, and is passed over by `min` and `max`, which are
/// infinite the wrong way round where nothing else is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many readings; at least 1.
    pub count: u64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The sum of the values; exact for whole numbers up to 2^53.
    pub sum: f64,
    /// The sum of the squared deviations of the values from their mean.
    pub m2: f64,
    /// The first reading in the order of [`Reading::identity`].
    pub first: Point,
    /// The last reading in the order of [`Reading::identity`].
    pub last: Point,
}

impl Summary {
    /// The length of [`Summary::to_bytes`].
    pub const BYTES: usize = 72;

    /// How long after its first reading the last one is, in nanoseconds.
    pub fn span(&self) -> i64 {
        self.last.time.saturating_sub(self.first.time)
    }

    /// Summarises readings, in any order. `None` for none.
    pub fn of(readings: &[Reading]) -> Option<Self> {
        let first = readings.iter().min_by_key(|r| r.identity())?;
        let last = readings.iter().max_by_key(|r| r.identity())?;
        let values: Vec<f64> = readings.iter().map(|r| r.value).collect();
        let point = |r: &Reading| Point {
            time: r.time,
            value: r.value,
        };
        Self::of_values(&values, point(first), point(last))
    }

    /// Summarises values, of which these are the first and the last. `None` for none.
    pub fn of_values(values: &[f64], first: Point, last: Point) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let sum = sum(values);
        Some(Self {
            count: values.len() as u64,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            sum,
            m2: spread(values, sum / values.len() as f64),
            first,
            last,
        })
    }

    /// Both together: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    /// variances" (1979).
    ///
    /// Where both have a first or a last reading at one time, the earlier of the two calls wins: `self` keeps the
    /// first, `other` the last.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let apart = other.mean() - self.mean();
        Self {
            count: self.count + other.count,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
            m2: self.m2 + other.m2 + apart * apart * mine * theirs / (mine + theirs),
            first: if other.first.time < self.first.time {
                other.first
            } else {
                self.first
            },
            last: if other.last.time < self.last.time {
                self.last
            } else {
                other.last
            },
        }
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// The sample standard deviation (n - 1). `None` for fewer than two readings.
    pub fn stddev(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.m2 / (self.count - 1) as f64).sqrt())
    }

    /// The summary as nine little-endian numbers of 8 bytes, in the order of its fields: a store whose own numbers
    /// are decimal, or narrower than an f64, keeps these.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let bits = |value: f64| value.to_bits();
        let time = |point: Point| point.time.cast_unsigned();
        let (first, last) = (self.first, self.last);
        let spread = [bits(self.min), bits(self.max), bits(self.sum), bits(self.m2)];
        let ends = [time(first), bits(first.value), time(last), bits(last.value)];
        let fields = [self.count].into_iter().chain(spread).chain(ends);
        let mut bytes = [0; Self::BYTES];
        bytes
            .iter_mut()
            .zip(fields.flat_map(u64::to_le_bytes))
            .for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads what [`Summary::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlockError> {
        let wrong = BlockError::Corrupt("its summary is not one");
        let (words, rest) = bytes.as_chunks::<8>();
        let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let ([count, min, max, sum, m2, first_time, first, last_time, last], []) = (words.as_slice(), rest) else {
            return Err(wrong);
        };
        let point = |time: &u64, value: &u64| Point {
            time: time.cast_signed(),
            value: f64::from_bits(*value),
        };
        let (first, last) = (point(first_time, first), point(last_time, last));
        if *count == 0 || first.time > last.time {
            return Err(wrong);
        }
        let [min, max, sum, m2] = [min, max, sum, m2].map(|bits| f64::from_bits(*bits));
        Ok(Self {
            count: *count,
            min,
            max,
            sum,
            m2,
            first,
            last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn readings(values: &[f64]) -> Vec<Reading> {
        values
            .iter()
            .zip(0..)
            .map(|(value, time)| Reading {
                time,
                value: *value,
                status: Status::Clean,
                id: None,
            })
            .collect()
    }

    #[test]
    fn small_variations_of_large_values_are_kept() {
        let all = readings(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        let merged = Summary::of(&all[..1]).unwrap().merge(&Summary::of(&all[1..]).unwrap());
        assert_eq!(merged.stddev(), Some(30f64.sqrt()));
        assert_eq!(merged, Summary::of(&all).unwrap());
    }

    #[test]
    fn one_reading_has_no_deviation_and_none_no_summary() {
        assert_eq!(Summary::of(&readings(&[2.5])).unwrap().stddev(), None);
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn bytes_bring_it_back() {
        let summary = Summary::of(&readings(&[-0.0, 1e300, 5e-324])).unwrap();
        assert_eq!(Summary::from_bytes(&summary.to_bytes()), Ok(summary));
        for wrong in [&[0; 71][..], &[0; 72], &[0; 73], &[]] {
            assert!(Summary::from_bytes(wrong).is_err());
        }
    }
}
