//! What is said of a window's readings.

use crate::percentiles::Percentiles;
use blocks::sums::Sum;
use blocks::{Point, Summary};

/// Statistics of at least one reading, to which more can be added.
///
/// Errors: `count`, `min`, `max`, `first` and `last` are exact. The sum is off by at most `22 * f64::EPSILON` times the
/// sum of the magnitudes, however many readings and blocks (each block's sum as [`Summary`] says, theirs with
/// compensation). The deviation is kept by squared distances from the mean, so small variations of large values stay;
/// each merge adds three roundings of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    count: u64,
    min: f64,
    max: f64,
    sum: Sum,
    m2: f64,
    first: Point,
    last: Point,
    percentiles: Option<Percentiles>,
}

impl From<Summary> for Tally {
    fn from(summary: Summary) -> Self {
        let mut sum = Sum::default();
        sum.add(summary.sum);
        Self {
            count: summary.count,
            min: summary.min,
            max: summary.max,
            sum,
            m2: summary.m2,
            first: summary.first,
            last: summary.last,
            percentiles: None,
        }
    }
}

impl Tally {
    /// The same with percentiles of its values.
    #[must_use]
    pub fn with(self, percentiles: Percentiles) -> Self {
        let percentiles = Some(percentiles);
        Self { percentiles, ..self }
    }

    /// Adds readings that come after these, or among them. Percentiles stay only if both have some.
    ///
    /// Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
    pub fn add(&mut self, other: &Self) {
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let apart = other.mean() - self.mean();
        self.m2 += other.m2 + apart * apart * (mine * theirs / (mine + theirs));
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum.merge(other.sum);
        if other.first.time < self.first.time {
            self.first = other.first;
        }
        if other.last.time >= self.last.time {
            self.last = other.last;
        }
        match (&mut self.percentiles, &other.percentiles) {
            (Some(mine), Some(theirs)) => mine.add(theirs),
            _ => self.percentiles = None,
        }
    }

    /// How many readings; at least 1.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The least value.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The greatest value.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The sum of the values.
    pub fn sum(&self) -> f64 {
        self.sum.total()
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> f64 {
        self.sum() / self.count as f64
    }

    /// The sample standard deviation (n - 1). None for one reading.
    pub fn stddev(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.m2 / (self.count - 1) as f64).sqrt())
    }

    /// The first reading.
    pub fn first(&self) -> Point {
        self.first
    }

    /// The last reading.
    pub fn last(&self) -> Point {
        self.last
    }

    /// How much the value changes in a second, from the first reading to the last. None where these are of one time.
    pub fn rate(&self) -> Option<f64> {
        let nanos = i128::from(self.last.time) - i128::from(self.first.time);
        (nanos > 0).then(|| (self.last.value - self.first.value) / (nanos as f64 / 1e9))
    }

    /// The percentiles, if they were asked for.
    pub fn percentiles(&self) -> Option<&Percentiles> {
        self.percentiles.as_ref()
    }
}
