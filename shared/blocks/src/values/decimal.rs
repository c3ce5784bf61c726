//! Values that were decimal numbers once: whole numbers over a power of ten, and the few that are not.
//!
//! A decimal number that is read as an f64 becomes the f64 nearest to it. So does the quotient of its digits and a
//! power of ten, as long as both are exact (digits below 2^53, powers to 10^22), IEEE 754 division being rounded
//! correctly: the digits bring back the very bits. That is verified for every value all the same.

use crate::bytes::{Cursor, put};
use crate::rounding::nearest;
use crate::{BlockError, ints};

/// The powers of ten that digits are counted in: more would leave no room for digits in an f64.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];
/// How many values are looked at to find the power.
const SAMPLE: usize = 64;
/// One value in so many may be none; each such costs nine bytes or more.
const EXCEPTIONS: usize = 64;

/// How digits over a power of ten become a value.
pub trait Precision {
    /// More digits than this are not looked for: they would take more bits than the value itself.
    const MOST_DIGITS: f64;
    /// The value of digits over a power of ten.
    fn value(digits: i64, power: f64) -> f64;
}

/// The nearest f64.
pub struct Double;

impl Precision for Double {
    const MOST_DIGITS: f64 = (1u64 << 51) as f64;
    fn value(digits: i64, power: f64) -> f64 {
        digits as f64 / power
    }
}

/// The f32 nearest to that.
pub struct Single;

impl Precision for Single {
    const MOST_DIGITS: f64 = (1u64 << 23) as f64;
    fn value(digits: i64, power: f64) -> f64 {
        super::widened(Double::value(digits, power))
    }
}

/// Values as whole numbers.
#[derive(Debug, PartialEq)]
pub struct Decimals {
    exponent: u8,
    digits: Vec<i64>,
    /// Where a value is no decimal, and its bits.
    exceptions: Vec<(usize, u64)>,
}

impl Decimals {
    /// Finds the fewest decimals that nearly all of these values have.
    pub fn of<P: Precision>(values: &[f64]) -> Option<Self> {
        let sample = values.iter().step_by(values.len().div_ceil(SAMPLE).max(1));
        let exponent = most_decimals::<P>(sample)?;
        let found = Self::with::<P>(values, exponent);
        let allowed = values.len() / EXCEPTIONS;
        if found.exceptions.len() <= allowed {
            return Some(found);
        }
        // The sample missed those with more decimals.
        let missed = found.exceptions.iter().filter_map(|(at, _)| values.get(*at));
        let exponent = most_decimals::<P>(missed)?.max(exponent);
        let found = Self::with::<P>(values, exponent);
        (found.exceptions.len() <= allowed).then_some(found)
    }

    fn with<P: Precision>(values: &[f64], exponent: u8) -> Self {
        let power = power(exponent);
        let mut digits: Vec<i64> = values.iter().map(|value| digits_of::<P>(*value, power)).collect();
        let wrong = |(value, digits): (&f64, &i64)| P::value(*digits, power).to_bits() != value.to_bits();
        let mut exceptions = Vec::new();
        if values.iter().zip(&digits).any(wrong) {
            let rows = values.iter().zip(&digits).enumerate().filter(|(_, row)| wrong(*row));
            exceptions = rows.map(|(at, (value, _))| (at, value.to_bits())).collect();
        }
        // Where digits do not matter, those before them cost least.
        for (at, _) in &exceptions {
            let before = at.checked_sub(1).and_then(|before| digits.get(before)).copied();
            digits
                .iter_mut()
                .skip(*at)
                .take(1)
                .for_each(|digits| *digits = before.unwrap_or_default());
        }
        Self {
            exponent,
            digits,
            exceptions,
        }
    }

    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), BlockError> {
        out.push(self.exponent);
        put(self.exceptions.len() as u64, out);
        for (at, bits) in &self.exceptions {
            put(*at as u64, out);
            out.extend(bits.to_le_bytes());
        }
        ints::write(&self.digits, out)
    }
}

/// Reads what [`Decimals::write`] wrote.
pub fn read<P: Precision>(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<f64>, BlockError> {
    let exponent = bytes.byte()?;
    if usize::from(exponent) >= POWERS.len() {
        return Err(BlockError::Corrupt("its values have more decimals than an f64"));
    }
    let mut exceptions = Vec::new();
    for _ in 0..bytes.at_most(count)? {
        exceptions.push((bytes.at_most(count - 1)?, bytes.word()?));
    }
    let power = power(exponent);
    let mut values = ints::read_as(bytes, count, |digits| P::value(digits, power))?;
    for (at, bits) in exceptions {
        values
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|value| *value = f64::from_bits(bits));
    }
    Ok(values)
}

fn power(exponent: u8) -> f64 {
    POWERS.get(usize::from(exponent)).copied().unwrap_or(1.0)
}

/// The nearest whole number, 0 where there are too many digits.
fn digits_of<P: Precision>(value: f64, power: f64) -> i64 {
    let scaled = value * power;
    if scaled.abs() < P::MOST_DIGITS {
        nearest(scaled)
    } else {
        0
    }
}

/// The most decimals that any of these values needs; `None` where more than one in eight has no decimals that give it
/// back.
fn most_decimals<'a, P: Precision>(values: impl Iterator<Item = &'a f64>) -> Option<u8> {
    let gives = |number: f64, power| P::value(digits_of::<P>(number, power), power).to_bits() == number.to_bits();
    let (mut most, mut looked_at, mut without) = (0, 0, 0);
    for number in values {
        looked_at += 1;
        match (0u8..).zip(POWERS).find(|(_, power)| gives(*number, *power)) {
            Some((exponent, _)) => most = most.max(exponent),
            None => without += 1,
        }
    }
    (without * 8 <= looked_at).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back<P: Precision>(decimals: &Decimals, count: usize) -> Vec<u64> {
        let mut out = Vec::new();
        decimals.write(&mut out).unwrap();
        read::<P>(Cursor(&out), count)
            .unwrap()
            .iter()
            .map(|value| value.to_bits())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn numbers_read_from_decimal_text_are_decimals(
            digits in proptest::collection::vec(-1_000_000_000_000i64..1_000_000_000_000, 1..200),
            decimals in 0..10usize,
        ) {
            let texts = digits.iter().map(|digits| format!("{digits}e-{decimals}"));
            let values: Vec<f64> = texts.map(|text| text.parse().unwrap()).collect();
            let found = Decimals::of::<Double>(&values).unwrap();
            prop_assert!(usize::from(found.exponent) <= decimals && found.exceptions.is_empty());
            let bits: Vec<_> = values.iter().map(|value| value.to_bits()).collect();
            prop_assert_eq!(back::<Double>(&found, values.len()), bits);
        }

        #[test]
        fn exceptions_come_back(exceptions in proptest::collection::vec((0..400usize, any::<u64>()), 0..6)) {
            let mut values: Vec<f64> = (0..400).map(|n| f64::from(n % 90) / 100.0).collect();
            exceptions.iter().for_each(|(at, bits)| values[*at] = f64::from_bits(*bits));
            let bits: Vec<_> = values.iter().map(|value| value.to_bits()).collect();
            if let Some(found) = Decimals::of::<Double>(&values) {
                prop_assert_eq!(back::<Double>(&found, values.len()), bits);
            }
        }
    }

    #[test]
    fn single_precision_keeps_its_decimals() {
        let values = [20.1f32, 20.25, -3.7, 0.0].map(f64::from);
        assert_eq!(Decimals::of::<Double>(&values), None);
        let found = Decimals::of::<Single>(&values).unwrap();
        assert_eq!((found.exponent, &found.digits[..]), (2, &[2010, 2025, -370, 0][..]));
        assert_eq!(back::<Single>(&found, 4), values.map(f64::to_bits));
    }

    #[test]
    fn a_rare_value_of_another_kind_is_an_exception() {
        let mut values: Vec<f64> = (0..128).map(f64::from).collect();
        values[77] = -0.0;
        let found = Decimals::of::<Double>(&values).unwrap();
        assert_eq!((found.exponent, found.exceptions.len(), found.digits[77]), (0, 1, 76));
        assert_eq!(back::<Double>(&found, 128)[77], (-0.0f64).to_bits());
    }

    #[test]
    fn full_precision_is_no_decimal() {
        let values: Vec<f64> = (1..200).map(|n| f64::from(n).sqrt().sin()).collect();
        assert_eq!(Decimals::of::<Double>(&values), None);
        assert_eq!(Decimals::of::<Single>(&values), None);
    }
}
