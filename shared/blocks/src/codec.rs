//! The bytes of a block, version 1. All numbers little-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | flags: bit 0, the readings have ids; bit 1, the statuses are runs; others 0 |
//! | 2 | 2 | readings, 1 to [`MAX_READINGS`] |
//! | 4 | 4 | CRC-32 (IEEE 802.3) of bytes 0 to 3 and of everything from byte 8 on |
//! | 8 | 4 | bytes of the column of times |
//! | 12 | 4 | bytes of the column of values |
//! | 16 | 4 | bytes of the column of ids, only with flag bit 0 |
//! | | | the columns: times (i64, ns since the Unix epoch), values (f64), ids (u32), each as `column` has it |
//! | | | to the end: one status (0 clean, 1 dirty, 2 utc) for all, or runs of a u16 length and a status |
//!
//! Readings ascend strictly by time, then id.

use crate::column;
use crate::{BlockError, Reading, Status};
use pco::DeltaSpec;

/// Most readings in a block. A decoder never makes room for more, whatever the bytes say.
pub const MAX_READINGS: usize = 10_000;

const VERSION: u8 = 1;
const HAS_IDS: u8 = 1;
const STATUS_RUNS: u8 = 2;
/// Where the checksum ends and the lengths of the columns begin.
const LENGTHS_AT: usize = 8;

/// Writes readings of one stream as a block.
///
/// They must be 1 to [`MAX_READINGS`], strictly ascending by [`Reading::identity`], finite, and either all or none
/// with an id; [`crate::split`] makes them so.
pub fn encode(readings: &[Reading]) -> Result<Vec<u8>, BlockError> {
    check(readings)?;
    let times: Vec<i64> = readings.iter().map(|r| r.time).collect();
    let values: Vec<f64> = readings.iter().map(|r| r.value).collect();
    let ids: Vec<u32> = readings.iter().filter_map(|r| r.id).collect();
    let mut columns = Vec::new();
    let mut ends = Vec::new();
    // Times and ids ascend, so they are their differences; what values do, pco finds out.
    column::write(&times, DeltaSpec::TryConsecutive(1), &mut columns)?;
    ends.push(columns.len());
    column::write(&values, DeltaSpec::Auto, &mut columns)?;
    ends.push(columns.len());
    if !ids.is_empty() {
        column::write(&ids, DeltaSpec::TryConsecutive(1), &mut columns)?;
        ends.push(columns.len());
    }
    let statuses = write_statuses(readings);
    let flags = if ids.is_empty() { 0 } else { HAS_IDS } | if statuses.len() > 1 { STATUS_RUNS } else { 0 };
    Ok(assemble(
        flags,
        readings.len(),
        &ends,
        &[&columns, &statuses].map(Vec::as_slice),
    ))
}

/// Reads a block. What it returns keeps every promise that [`encode`] asks for.
pub fn decode(bytes: &[u8]) -> Result<Vec<Reading>, BlockError> {
    let (flags, count, body) = open(bytes)?;
    let mut body = Cursor(body);
    let mut length = || {
        body.take(4)
            .map(|b| b.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte)))
    };
    let (times, values) = (length()?, length()?);
    let ids = if flags & HAS_IDS == 0 { None } else { Some(length()?) };
    let times = column::read::<i64>(body.take(times)?, count)?;
    let values = column::read::<f64>(body.take(values)?, count)?;
    let ids = ids.map(|ids| column::read::<u32>(body.take(ids)?, count)).transpose()?;
    let statuses = read_statuses(flags, body.0, count)?;
    let id = |at: usize| ids.as_ref().and_then(|ids| ids.get(at)).copied();
    let rows = times.into_iter().zip(values).zip(statuses).enumerate();
    let readings: Vec<_> = rows
        .map(|(at, ((time, value), status))| Reading {
            time,
            value,
            status,
            id: id(at),
        })
        .collect();
    check(&readings).map_err(|_| BlockError::Corrupt("its readings are out of order or not finite"))?;
    Ok(readings)
}

fn check(readings: &[Reading]) -> Result<(), BlockError> {
    let first = readings.first().ok_or(BlockError::Empty)?;
    if readings.len() > MAX_READINGS {
        return Err(BlockError::TooMany { found: readings.len() });
    }
    if let Some(index) = readings.iter().position(|r| r.id.is_some() != first.id.is_some()) {
        return Err(BlockError::MixedIds { index });
    }
    if let Some(index) = readings
        .windows(2)
        .position(|pair| matches!(pair, [a, b] if a.identity() >= b.identity()))
    {
        return Err(BlockError::Unsorted { index: index + 1 });
    }
    match readings.iter().position(|r| !r.value.is_finite()) {
        Some(index) => Err(BlockError::NotFinite { index }),
        None => Ok(()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "counts are checked, and columns of 10,000 numbers are far from 4 GB"
)]
fn assemble(flags: u8, count: usize, ends: &[usize], body: &[&[u8]]) -> Vec<u8> {
    let mut block = vec![VERSION, flags];
    block.extend((count as u16).to_le_bytes());
    block.extend([0; 4]);
    let mut start = 0;
    for end in ends {
        block.extend(((end - start) as u32).to_le_bytes());
        start = *end;
    }
    body.iter().for_each(|part| block.extend_from_slice(part));
    let checksum = checksum(&block).to_le_bytes();
    block.iter_mut().skip(4).zip(checksum).for_each(|(to, from)| *to = from);
    block
}

/// Checks version, checksum and bounds; returns the flags, the number of readings and what follows the checksum.
fn open(bytes: &[u8]) -> Result<(u8, usize, &[u8]), BlockError> {
    let [version, flags, low, high, c0, c1, c2, c3, body @ ..] = bytes else {
        return Err(BlockError::Corrupt("it is shorter than its header"));
    };
    if *version != VERSION {
        return Err(BlockError::Version { found: *version });
    }
    if checksum(bytes) != u32::from_le_bytes([*c0, *c1, *c2, *c3]) {
        return Err(BlockError::Checksum);
    }
    let count = usize::from(u16::from_le_bytes([*low, *high]));
    if count == 0 || count > MAX_READINGS || flags & !(HAS_IDS | STATUS_RUNS) != 0 {
        return Err(BlockError::Corrupt("its header has a count or flags that no block has"));
    }
    Ok((*flags, count, body))
}

/// The checksum of a block, whatever stands where it is kept.
fn checksum(block: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(block.get(..4).unwrap_or_default());
    hasher.update(block.get(LENGTHS_AT..).unwrap_or_default());
    hasher.finalize()
}

#[expect(clippy::cast_possible_truncation, reason = "a run is no longer than a block")]
fn write_statuses(readings: &[Reading]) -> Vec<u8> {
    let runs: Vec<&[Reading]> = readings.chunk_by(|a, b| a.status == b.status).collect();
    let status = |run: &[Reading]| run.first().map_or(0, |r| r.status as u8);
    match runs.as_slice() {
        [all] => vec![status(all)],
        runs => runs
            .iter()
            .flat_map(|run| (run.len() as u16).to_le_bytes().into_iter().chain([status(run)]))
            .collect(),
    }
}

fn read_statuses(flags: u8, bytes: &[u8], count: usize) -> Result<Vec<Status>, BlockError> {
    let wrong = BlockError::Corrupt("its statuses do not fit its readings");
    let mut statuses = Vec::with_capacity(count);
    if flags & STATUS_RUNS == 0 {
        let [status] = bytes else { return Err(wrong) };
        statuses.resize(count, Status::from_byte(*status).ok_or(wrong)?);
        return Ok(statuses);
    }
    let (runs, rest) = bytes.as_chunks::<3>();
    for [low, high, status] in runs {
        let length = statuses.len() + usize::from(u16::from_le_bytes([*low, *high]));
        if length > count {
            return Err(wrong);
        }
        statuses.resize(length, Status::from_byte(*status).ok_or(wrong)?);
    }
    if rest.is_empty() && statuses.len() == count {
        Ok(statuses)
    } else {
        Err(wrong)
    }
}

/// Bytes not yet read.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], BlockError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(BlockError::Corrupt("a column is longer than the block"))?;
        self.0 = rest;
        Ok(taken)
    }
}
