//! The column of statuses: one for all, or runs.

use crate::bytes::{Cursor, put};
use crate::{BlockError, Reading, Status};

/// Appends one byte where all readings have one status, else each run's length and status.
pub fn write(readings: &[Reading], out: &mut Vec<u8>) {
    let runs = || readings.chunk_by(|a, b| a.status == b.status);
    let alone = runs().nth(1).is_none();
    for run in runs() {
        if !alone {
            put(run.len() as u64, out);
        }
        out.extend(run.first().map(|reading| reading.status as u8));
    }
}

/// Sets the statuses of readings, from exactly these bytes.
pub fn read(mut bytes: Cursor<'_>, alone: bool, readings: &mut [Reading]) -> Result<(), BlockError> {
    let wrong = BlockError::Corrupt("its statuses do not fit its readings");
    let mut rest = readings;
    while !rest.is_empty() {
        let length = if alone { rest.len() } else { bytes.at_most(rest.len())? };
        let status = Status::from_byte(bytes.byte()?).ok_or(wrong)?;
        let (run, after) = rest.split_at_mut_checked(length).ok_or(wrong)?;
        run.iter_mut().for_each(|reading| reading.status = status);
        rest = after;
    }
    bytes.end()
}
