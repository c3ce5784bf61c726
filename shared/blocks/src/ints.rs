//! A column of whole numbers: a line where they make one, else what pco makes of them without their least and their
//! common divisor.

use crate::BlockError;
use crate::bytes::{Cursor, put, put_signed};
use crate::column::{self, Effort};
use crate::rounding::nearest;
use pco::ModeSpec;
use pco::data_types::Number;

/// `start + n * step`, for n from 0.
const LINE: u8 = 0;
/// `least + unit * y`, y by pco as u16.
const NARROW: u8 = 1;
/// The same with y as u32.
const MIDDLE: u8 = 2;
/// The same with y as u64.
const WIDE: u8 = 3;

/// Appends a column of at least one number.
pub fn write(numbers: &[i64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    write_with(Effort::Full, numbers, out)
}

/// Appends a column of at least one number, with so much effort.
pub fn write_with(effort: Effort, numbers: &[i64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    if let Some((start, step)) = line(numbers) {
        out.push(LINE);
        put_signed(start, out);
        put_signed(step, out);
        return Ok(());
    }
    let least = numbers.iter().min().copied().unwrap_or_default();
    let (unit, counts) = units(numbers, least);
    let order = column::best_order(numbers);
    let most = counts.iter().max().copied().unwrap_or_default();
    let mut head = |width| {
        out.push(width);
        put_signed(least, out);
        put(unit, out);
    };
    if u16::try_from(most).is_ok() {
        head(NARROW);
        column::write(&narrow(&counts, to_u16), (ModeSpec::Classic, order, effort), out)
    } else if u32::try_from(most).is_ok() {
        head(MIDDLE);
        column::write(&narrow(&counts, to_u32), (ModeSpec::Classic, order, effort), out)
    } else {
        head(WIDE);
        column::write(&counts, (ModeSpec::Classic, order, effort), out)
    }
}

fn narrow<T>(counts: &[u64], to: impl Fn(u64) -> T) -> Vec<T> {
    counts.iter().map(|count| to(*count)).collect()
}

/// Reads a column of `count` numbers, to the end of these bytes. Whatever they say, the arithmetic wraps.
pub fn read(bytes: Cursor<'_>, count: usize) -> Result<Vec<i64>, BlockError> {
    read_as(bytes, count, |number| number)
}

/// Reads such a column and makes something of each number, in order.
pub fn read_as<T>(bytes: Cursor<'_>, count: usize, make: impl Fn(i64) -> T) -> Result<Vec<T>, BlockError> {
    match open(bytes, count, &make)? {
        Form::Line { start, step } => {
            let number = |n: usize| start.wrapping_add(step.wrapping_mul(n as i64));
            Ok((0..count).map(number).map(make).collect())
        }
        Form::Each(numbers) => Ok(numbers),
    }
}

/// What a column turns out to be.
pub enum Form<T> {
    /// `start + n * step`, for n from 0.
    Line {
        /// The first number.
        start: i64,
        /// What each has more than the one before.
        step: i64,
    },
    /// What was made of each number.
    Each(Vec<T>),
}

/// Reads such a column; of a line, no more than what it is.
pub fn open<T>(mut bytes: Cursor<'_>, count: usize, make: impl Fn(i64) -> T) -> Result<Form<T>, BlockError> {
    let kind = bytes.byte()?;
    let start = bytes.signed()?;
    if kind == LINE {
        let step = bytes.signed()?;
        bytes.end()?;
        return Ok(Form::Line { start, step });
    }
    let unit = bytes.number()?.cast_signed();
    let number = |y: u64| start.wrapping_add(y.cast_signed().wrapping_mul(unit));
    let each = match kind {
        NARROW => from(bytes.0, count, |y: u16| number(u64::from(y)), make),
        MIDDLE => from(bytes.0, count, |y: u32| number(u64::from(y)), make),
        WIDE => from(bytes.0, count, number, make),
        _ => Err(BlockError::Corrupt("a column of whole numbers is of an unknown kind")),
    };
    each.map(Form::Each)
}

fn from<N: Number + Default, T>(
    bytes: &[u8],
    count: usize,
    number: impl Fn(N) -> i64,
    make: impl Fn(i64) -> T,
) -> Result<Vec<T>, BlockError> {
    let numbers = column::read::<N>(bytes, count)?;
    Ok(numbers.into_iter().map(number).map(make).collect())
}

/// Start and step of numbers that differ by the same throughout.
fn line(numbers: &[i64]) -> Option<(i64, i64)> {
    let (first, rest) = numbers.split_first()?;
    let step = rest.first().map_or(0, |second| second.wrapping_sub(*first));
    let straight = rest.iter().zip(numbers).all(|(b, a)| b.wrapping_sub(*a) == step);
    straight.then_some((*first, step))
}

/// The greatest number that divides what these are above the least of them, and how often it does.
pub fn units(numbers: &[i64], least: i64) -> (u64, Vec<u64>) {
    let above = numbers.iter().map(|number| number.wrapping_sub(least).cast_unsigned());
    let above: Vec<u64> = above.collect();
    // A few of them nearly always have the divisor of all.
    let unit = divisor(above.iter().step_by(numbers.len() / 64 + 1));
    if unit == 1 {
        return (1, above);
    }
    // Right where the division leaves nothing, and many times as fast as among whole numbers.
    let rate = 1.0 / unit as f64;
    let count = |above: &u64| nearest(*above as f64 * rate).cast_unsigned();
    let counts: Vec<u64> = above.iter().map(count).collect();
    let exact = |(count, above): (&u64, &u64)| count.wrapping_mul(unit) == *above;
    if counts.iter().zip(&above).all(exact) {
        return (unit, counts);
    }
    let unit = divisor(above.iter());
    (unit, above.iter().map(|above| above / unit).collect())
}

/// The greatest common divisor, 1 of nothing but zeros.
fn divisor<'a>(numbers: impl Iterator<Item = &'a u64>) -> u64 {
    let mut unit = 0;
    for number in numbers {
        let mut rest = *number;
        // Euclid's algorithm; most often the first division already leaves nothing.
        while rest != 0 {
            (unit, rest) = (rest, if unit == 0 { 0 } else { unit % rest });
        }
        if unit == 1 {
            break;
        }
    }
    unit.max(1)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the width was chosen to hold the greatest"
)]
fn to_u16(y: u64) -> u16 {
    y as u16
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the width was chosen to hold the greatest"
)]
fn to_u32(y: u64) -> u32 {
    y as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(numbers: &[i64]) -> (Option<u8>, Vec<i64>) {
        let mut out = Vec::new();
        write(numbers, &mut out).unwrap();
        (out.first().copied(), read(Cursor(&out), numbers.len()).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn numbers_of_every_width_come_back(
            numbers in proptest::collection::vec(any::<i64>(), 1..300),
            shift in 0..64u32,
            unit in prop_oneof![Just(1i64), 2..2_000_000_000i64],
        ) {
            let numbers: Vec<_> = numbers.iter().map(|number| (number >> shift).wrapping_mul(unit)).collect();
            prop_assert_eq!(there_and_back(&numbers).1, numbers);
        }

        #[test]
        fn a_line_is_a_line_wherever_it_wraps(start: i64, step: i64, count in 1..50i64) {
            let numbers: Vec<_> = (0..count).map(|n| start.wrapping_add(n.wrapping_mul(step))).collect();
            prop_assert_eq!(there_and_back(&numbers), (Some(LINE), numbers));
        }
    }

    #[test]
    fn every_width_is_used() {
        let kind = |most: i64| there_and_back(&[0, 3, most * 3, 9]).0;
        assert_eq!(
            [5, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000].map(kind),
            [NARROW, NARROW, MIDDLE, MIDDLE, WIDE].map(Some)
        );
        assert_eq!(there_and_back(&[i64::MIN, i64::MAX, 0]).0, Some(WIDE));
    }

    #[test]
    fn the_unit_is_the_greatest_common_divisor() {
        assert_eq!(units(&[7, 7 + 12, 7 + 30], 7), (6, vec![0, 2, 5]));
        assert_eq!(units(&[5, 5], 5), (1, vec![0, 0]));
        assert_eq!(units(&[i64::MIN, i64::MAX], i64::MIN), (u64::MAX, vec![0, 1]));
        let mut late: Vec<i64> = (0..200).map(|n| n * 60).collect();
        late[150] = 150 * 60 + 15;
        assert_eq!(units(&late, 0).0, 15);
    }
}
