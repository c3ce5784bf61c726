//! The column of statuses: one for all, or runs.

use crate::bytes::{Cursor, put};
use crate::columns::Run;
use crate::{BlockError, Status};

/// Appends one byte where all readings have one status, else each run's length and status.
pub fn write(runs: &[Run<Status>], out: &mut Vec<u8>) {
    for run in runs {
        if runs.len() > 1 {
            put(run.length as u64, out);
        }
        out.push(run.value as u8);
    }
}

/// Reads the statuses of `count` readings, from exactly these bytes.
pub fn read(mut bytes: Cursor<'_>, alone: bool, count: usize) -> Result<Vec<Run<Status>>, BlockError> {
    let wrong = BlockError::Corrupt("its statuses do not fit its readings");
    let (mut runs, mut rest) = (Vec::new(), count);
    while rest > 0 {
        let length = if alone { rest } else { bytes.at_most(rest)? };
        let value = Status::from_byte(bytes.byte()?).ok_or(wrong)?;
        if length == 0 {
            return Err(wrong);
        }
        runs.push(Run { length, value });
        rest -= length;
    }
    bytes.end()?;
    Ok(runs)
}
