//! The frame of a block: header, checksum, and its columns one after another. The crate's documentation has every
//! byte.

use crate::bytes::{Cursor, put};
use crate::{BlockError, Reading, Status, ints, statuses, times, values};

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
    let ids: Vec<i64> = readings.iter().filter_map(|r| r.id).map(i64::from).collect();
    let [mut time_bytes, mut value_bytes, mut id_bytes, mut status_bytes] = [const { Vec::new() }; 4];
    times::write(&times, &mut time_bytes)?;
    values::write(&values, &mut value_bytes)?;
    if !ids.is_empty() {
        ints::write(&ids, &mut id_bytes)?;
    }
    statuses::write(readings, &mut status_bytes);
    let flags = if ids.is_empty() { 0 } else { HAS_IDS } | if status_bytes.len() > 1 { STATUS_RUNS } else { 0 };
    let columns = [&time_bytes, &value_bytes, &id_bytes, &status_bytes];
    Ok(assemble(flags, readings.len(), columns.map(Vec::as_slice)))
}

/// Reads a block. What it returns keeps every promise that [`encode`] asks for.
pub fn decode(bytes: &[u8]) -> Result<Vec<Reading>, BlockError> {
    let (flags, count, mut body) = open(bytes)?;
    let length = |body: &mut Cursor<'_>| body.at_most(bytes.len());
    let (times, values) = (length(&mut body)?, length(&mut body)?);
    let ids = if flags & HAS_IDS == 0 {
        None
    } else {
        Some(length(&mut body)?)
    };
    let times = times::read(Cursor(body.take(times)?), count)?;
    let values = values::read(Cursor(body.take(values)?), count)?;
    let ascending = times.is_sorted_by(|a, b| a < b) & values.iter().fold(true, |good, value| good & value.is_finite());
    let ids = ids.map(|ids| ints::read(Cursor(body.take(ids)?), count)).transpose()?;
    let row = |(time, value)| Reading {
        time,
        value,
        status: Status::Clean,
        id: None,
    };
    let mut readings: Vec<Reading> = times.into_iter().zip(values).map(row).collect();
    for (reading, id) in readings.iter_mut().zip(ids.iter().flatten()) {
        let id = u32::try_from(*id).map_err(|_| BlockError::Corrupt("one of its ids has more than 32 bits"))?;
        reading.id = Some(id);
    }
    statuses::read(body, flags & STATUS_RUNS == 0, &mut readings)?;
    // Most often the columns alone tell; of one time, the ids do.
    match ascending || check(&readings).is_ok() {
        true => Ok(readings),
        false => Err(BlockError::Corrupt("its readings are out of order or not finite")),
    }
}

fn check(readings: &[Reading]) -> Result<(), BlockError> {
    let first = readings.first().ok_or(BlockError::Empty)?;
    if readings.len() > MAX_READINGS {
        return Err(BlockError::TooMany { found: readings.len() });
    }
    let alike = |r: &Reading| r.id.is_some() == first.id.is_some() && r.value.is_finite();
    let after = |a: &Reading, b: &Reading| a.time < b.time || a.identity() < b.identity();
    // Without a branch on what is found: blocks are good but for mistakes.
    let good = readings.iter().fold(true, |good, r| good & alike(r));
    if good && readings.is_sorted_by(after) {
        return Ok(());
    }
    blame(readings, first)
}

/// Says what is wrong, and where.
fn blame(readings: &[Reading], first: &Reading) -> Result<(), BlockError> {
    if let Some(index) = readings.iter().position(|r| r.id.is_some() != first.id.is_some()) {
        return Err(BlockError::MixedIds { index });
    }
    let unsorted = |pair: &[Reading]| matches!(pair, [a, b] if a.identity() >= b.identity());
    if let Some(index) = readings.windows(2).position(unsorted) {
        return Err(BlockError::Unsorted { index: index + 1 });
    }
    match readings.iter().position(|r| !r.value.is_finite()) {
        Some(index) => Err(BlockError::NotFinite { index }),
        None => Ok(()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the count is checked")]
fn assemble(flags: u8, count: usize, columns: [&[u8]; 4]) -> Vec<u8> {
    let mut block = vec![VERSION, flags];
    block.extend((count as u16).to_le_bytes());
    block.extend([0; 4]);
    let [times, values, ids, _] = columns.map(|column| column.len() as u64);
    put(times, &mut block);
    put(values, &mut block);
    if flags & HAS_IDS != 0 {
        put(ids, &mut block);
    }
    columns.iter().for_each(|column| block.extend_from_slice(column));
    let checksum = checksum(&block).to_le_bytes();
    block.iter_mut().skip(4).zip(checksum).for_each(|(to, from)| *to = from);
    block
}

/// Checks version, checksum and bounds; returns the flags, the number of readings and what follows the checksum.
fn open(bytes: &[u8]) -> Result<(u8, usize, Cursor<'_>), BlockError> {
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
    Ok((*flags, count, Cursor(body)))
}

/// The checksum of a block, whatever stands where it is kept.
fn checksum(block: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(block.get(..4).unwrap_or_default());
    hasher.update(block.get(LENGTHS_AT..).unwrap_or_default());
    hasher.finalize()
}
