//! The column of values. Numbers: decimals where they are, runs where they repeat, else their bits. Integers, booleans and
//! texts are whole numbers.

mod decimal;
pub mod runs;
mod steps;
mod texts;

pub use texts::MAX_TEXT;

use crate::BlockError;
use crate::bytes::Cursor;
use crate::column::{self, Effort};
use crate::columns::Values;
use decimal::{Decimals, Double, Single};
use pco::ModeSpec;

/// Whole numbers over a power of ten.
const DECIMAL: u8 = 0;
/// The same, rounded to single precision.
const DECIMAL_SINGLE: u8 = 1;
/// f64 by pco.
const DOUBLE: u8 = 2;
/// f32 by pco.
const SINGLE: u8 = 3;
/// Lengths of runs, and a column of their values.
const RUNS: u8 = 4;
/// 64-bit whole numbers.
const INTEGERS: u8 = 5;
/// 0 or 1.
const BOOLEANS: u8 = 6;
/// Texts that differ, and which of them each is.
const TEXTS: u8 = 7;

/// Appends the column of these values, at least one.
pub fn write(values: &Values, out: &mut Vec<u8>) -> Result<(), BlockError> {
    match values {
        Values::Numbers(values) => write_numbers(values, out),
        Values::Integers(values) => {
            out.push(INTEGERS);
            steps::write(values, out)
        }
        Values::Booleans(values) => {
            out.push(BOOLEANS);
            let bits: Vec<i64> = values.iter().map(|value| i64::from(*value)).collect();
            steps::write(&bits, out)
        }
        Values::Texts(values) => {
            out.push(TEXTS);
            texts::write(values, out)
        }
    }
}

/// Reads the column of `count` values, to the end of these bytes.
pub fn read(bytes: Cursor<'_>, count: usize) -> Result<Values, BlockError> {
    let mut rest = bytes;
    match rest.byte()? {
        INTEGERS => Ok(Values::Integers(steps::read(rest, count)?)),
        BOOLEANS => {
            let bits = steps::read(rest, count)?;
            let wrong = BlockError::Corrupt("one of its booleans is neither 0 nor 1");
            let boolean = |bit: i64| if matches!(bit, 0 | 1) { Ok(bit == 1) } else { Err(wrong) };
            Ok(Values::Booleans(
                bits.into_iter().map(boolean).collect::<Result<_, _>>()?,
            ))
        }
        TEXTS => Ok(Values::Texts(texts::read(rest, count)?)),
        _ => Ok(Values::Numbers(read_numbers(bytes, count)?)),
    }
}

fn write_numbers(values: &[f64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    match runs::of(values, |value| value.to_bits()) {
        Some((lengths, values)) => {
            out.push(RUNS);
            runs::write(&lengths, out)?;
            write_each(&values, out)
        }
        None => write_each(values, out),
    }
}

fn read_numbers(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<f64>, BlockError> {
    match bytes.byte()? {
        RUNS => {
            let lengths = runs::read(&mut bytes, count)?;
            let kind = bytes.byte()?;
            let values = read_each(kind, bytes, lengths.len())?;
            runs::repeat(&lengths, &values, count)
        }
        kind => read_each(kind, bytes, count),
    }
}

fn write_each(values: &[f64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    // What is not a number keeps its bits only where it is not converted.
    let single = |value: &f64| widened(*value).to_bits() == value.to_bits() && !value.is_nan();
    let single = values.iter().all(single);
    // What is decimal in double precision is rarely so in single: whole numbers, halves and the like are in both.
    if let Some(decimals) = Decimals::of::<Double>(values) {
        out.push(DECIMAL);
        return decimals.write(out);
    }
    if !single {
        out.push(DOUBLE);
        return column::write(values, (ModeSpec::Auto, order(values), Effort::Full), out);
    }
    if let Some(decimals) = Decimals::of::<Single>(values) {
        out.push(DECIMAL_SINGLE);
        return decimals.write(out);
    }
    out.push(SINGLE);
    let narrow: Vec<f32> = values.iter().map(|value| narrowed(*value)).collect();
    column::write(&narrow, (ModeSpec::Classic, order(values), Effort::Full), out)
}

fn read_each(kind: u8, bytes: Cursor<'_>, count: usize) -> Result<Vec<f64>, BlockError> {
    match kind {
        DECIMAL => decimal::read::<Double>(bytes, count),
        DECIMAL_SINGLE => decimal::read::<Single>(bytes, count),
        DOUBLE => column::read(bytes.0, count),
        SINGLE => Ok(column::read::<f32>(bytes.0, count)?
            .into_iter()
            .map(f64::from)
            .collect()),
        _ => Err(BlockError::Corrupt("its values are of an unknown kind")),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to single precision is what it is for"
)]
fn narrowed(value: f64) -> f32 {
    value as f32
}

fn widened(value: f64) -> f64 {
    f64::from(narrowed(value))
}

/// How often pco should take differences of values as they are, which it does over their bits in the order of
/// numbers: never unless it saves two bits each, as noise around zero seems to in an estimate and does not.
fn order(values: &[f64]) -> usize {
    let ordered: Vec<i64> = values
        .iter()
        .map(|value| ordered(value.to_bits().cast_signed()))
        .collect();
    let plain = column::sample(&ordered);
    let once: Vec<_> = plain.iter().map(|stretch| column::differences(stretch)).collect();
    let plain = plain.concat();
    let worth = 2 * plain.len() as u64;
    usize::from(column::bits(once.concat()) + worth < column::bits(plain))
}

/// The bits of a float such that they are in the order of the floats.
fn ordered(bits: i64) -> i64 {
    bits ^ (bits >> 63) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(values: &[f64]) -> (Option<u8>, Vec<u64>) {
        let mut out = Vec::new();
        write_numbers(values, &mut out).unwrap();
        let back = read_numbers(Cursor(&out), values.len()).unwrap();
        (out.first().copied(), back.iter().map(|value| value.to_bits()).collect())
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn doubles_and_singles_come_back(values in proptest::collection::vec(any::<f64>(), 1..300)) {
            prop_assert_eq!(there_and_back(&values).1, bits(&values));
            let singles: Vec<f64> = values.iter().map(|value| widened(*value)).collect();
            prop_assert_eq!(there_and_back(&singles).1, bits(&singles));
            let any: Vec<f64> = values.iter().map(|value| f64::from_bits(value.to_bits() | 0x7ff << 52)).collect();
            prop_assert_eq!(there_and_back(&any).1, bits(&any));
        }

        #[test]
        fn runs_come_back(runs in proptest::collection::vec((1..60usize, any::<f64>()), 1..40)) {
            let values: Vec<f64> = runs.iter().flat_map(|(length, value)| vec![*value; *length]).collect();
            prop_assert_eq!(there_and_back(&values).1, bits(&values));
        }
    }

    #[test]
    fn every_kind_is_used_for_what_it_is_for() {
        let series = |value: fn(i32) -> f64| (0..500).map(value).collect::<Vec<_>>();
        let decimal = series(|n| f64::from(n * 37 % 1_000) / 100.0);
        let cases = [
            (DECIMAL, decimal.clone()),
            (DECIMAL_SINGLE, decimal.iter().map(|value| widened(*value)).collect()),
            (DOUBLE, series(|n| f64::from(n).sin())),
            (SINGLE, series(|n| widened(f64::from(n).sin()))),
            (RUNS, series(|n| f64::from(n / 100 % 2))),
        ];
        for (kind, values) in cases {
            assert_eq!(there_and_back(&values), (Some(kind), bits(&values)));
        }
    }
}
