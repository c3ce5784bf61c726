//! Whole numbers that may stay what they are for a while: the form of integers, booleans and the places of texts.

use super::runs;
use crate::bytes::Cursor;
use crate::{BlockError, ints};

/// Whole numbers.
const PLAIN: u8 = 0;
/// Lengths of runs, and their numbers.
const RUNS: u8 = 1;

/// Appends a column of at least one number.
pub fn write(numbers: &[i64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    match runs::of(numbers, |number| *number) {
        Some((lengths, numbers)) => {
            out.push(RUNS);
            runs::write(&lengths, out)?;
            ints::write(&numbers, out)
        }
        None => {
            out.push(PLAIN);
            ints::write(numbers, out)
        }
    }
}

/// Reads a column of `count` numbers, to the end of these bytes.
pub fn read(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<i64>, BlockError> {
    match bytes.byte()? {
        PLAIN => ints::read(bytes, count),
        RUNS => {
            let lengths = runs::read(&mut bytes, count)?;
            let numbers = ints::read(bytes, lengths.len())?;
            runs::repeat(&lengths, &numbers, count)
        }
        _ => Err(BlockError::Corrupt("a column of whole numbers is of an unknown kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_runs_of_them_come_back() {
        for (kind, numbers) in [
            (PLAIN, (0..200).map(|n| n * 7 % 5).collect::<Vec<i64>>()),
            (RUNS, (0..200).map(|n| n / 40 % 2).collect()),
            (RUNS, vec![i64::MIN; 40]),
        ] {
            let mut out = Vec::new();
            write(&numbers, &mut out).unwrap();
            assert_eq!(
                (out[0], read(Cursor(&out), 200.min(numbers.len()))),
                (kind, Ok(numbers))
            );
        }
        assert!(read(Cursor(&[2, 0, 0, 0]), 1).is_err());
    }
}
