//! The column of acceptances, of a block whose readings came in several messages: runs of milliseconds.

use crate::bytes::Cursor;
use crate::columns::Run;
use crate::values::runs;
use crate::{BlockError, ints};

const WRONG: BlockError = BlockError::Corrupt("its acceptances do not fit its readings");

/// Appends runs, at least one.
pub fn write(accepted: &[Run<u64>], out: &mut Vec<u8>) -> Result<(), BlockError> {
    let lengths: Vec<i64> = accepted.iter().map(|run| run.length as i64).collect();
    runs::write(&lengths, out)?;
    let millis: Vec<i64> = accepted.iter().map(|run| run.value.cast_signed()).collect();
    ints::write(&millis, out)
}

/// Reads runs over `count` readings, to the end of these bytes.
pub fn read(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<Run<u64>>, BlockError> {
    let lengths = runs::read(&mut bytes, count)?;
    let millis = ints::read(bytes, lengths.len())?;
    let total = lengths
        .iter()
        .fold(0usize, |total, length| total.saturating_add(*length));
    if total != count || lengths.contains(&0) {
        return Err(WRONG);
    }
    let run = |(length, millis): (usize, i64)| Run {
        length,
        value: millis.cast_unsigned(),
    };
    Ok(lengths.into_iter().zip(millis).map(run).collect())
}
