//! Sums whose error does not grow with how many numbers there are.
//!
//! Numbers are summed in stretches, each on several lanes, and the stretches with compensation: nearly as fast as one
//! loop, and off by at most `20 * EPSILON` times the sum of the magnitudes (each lane adds 16 numbers, the lanes three
//! times in pairs, the compensation one rounding more; Higham, "Accuracy and Stability of Numerical Algorithms",
//! 2nd edition, sections 4.2 and 4.3).

const LANES: usize = 8;
const STRETCH: usize = 16 * LANES;

/// A sum that keeps what each addition loses (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
/// Summen", 1974): as good as one rounding of the exact sum, but for terms of the second order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, number: f64) {
        let sum = self.sum + number;
        self.lost += if self.sum.abs() >= number.abs() {
            (self.sum - sum) + number
        } else {
            (number - sum) + self.sum
        };
        self.sum = sum;
    }

    /// Adds another sum, with what it has lost.
    pub fn merge(&mut self, other: Self) {
        self.add(other.sum);
        self.lost += other.lost;
    }

    /// The sum.
    pub fn total(self) -> f64 {
        // What infinities lose is no number.
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

/// The sum of numbers.
pub fn sum(numbers: &[f64]) -> f64 {
    of(numbers, |number| number)
}

/// The sum of the squares of what numbers are away from a mean.
pub fn spread(numbers: &[f64], mean: f64) -> f64 {
    of(numbers, |number| (number - mean) * (number - mean))
}

fn of(numbers: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut total = Sum::default();
    for stretch in numbers.chunks(STRETCH) {
        let (rows, rest) = stretch.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for row in rows {
            lanes
                .iter_mut()
                .zip(row)
                .for_each(|(lane, number)| *lane += term(*number));
        }
        lanes
            .iter_mut()
            .zip(rest)
            .for_each(|(lane, number)| *lane += term(*number));
        let [a, b, c, d, e, f, g, h] = lanes;
        total.add(((a + b) + (c + d)) + ((e + f) + (g + h)));
    }
    total.total()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_sum_is_within_its_stated_error(numbers in proptest::collection::vec((-1i64 << 52..1 << 52, 0..40u32), 1..3_000)) {
            // Multiples of 2^-40 below 2^52: exact as whole numbers of 128 bits.
            let exact = |(number, shift): &(i64, u32)| i128::from(*number) << shift;
            let total: i128 = numbers.iter().map(exact).sum();
            let magnitudes: i128 = numbers.iter().map(|number| exact(number).abs()).sum();
            let floats: Vec<f64> = numbers.iter().map(|number| exact(number) as f64).collect();
            let off = (sum(&floats) - total as f64).abs();
            prop_assert!(off <= 20.0 * f64::EPSILON * magnitudes as f64, "{off}");
        }
    }

    #[test]
    fn what_cancels_is_not_lost() {
        let mut total = Sum::default();
        [1.0, 1e100, 1.0, -1e100]
            .into_iter()
            .for_each(|number| total.add(number));
        assert_eq!(total.total(), 2.0);
    }

    #[test]
    fn a_hundred_million_tenths_are_ten_million() {
        let tenths = vec![0.1; 1_000_000];
        let mut total = Sum::default();
        (0..100).for_each(|_| total.add(sum(&tenths)));
        assert!((total.total() - 1e7).abs() < 1e-7);
    }

    #[test]
    fn infinities_and_no_numbers_are_told() {
        assert_eq!(sum(&[1.0, f64::INFINITY, 2.0]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(sum(&[1.0, f64::NAN]).is_nan());
    }
}
