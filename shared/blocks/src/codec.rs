//! The frame of a block: header, checksum, and its columns one after another. `FORMAT.md` has every byte.

use crate::bytes::{Cursor, put};
use crate::columns::Columns;
use crate::{BlockError, Reading, StoredBlock, acceptances, ints, statuses, times, values};

/// Most readings in a block. A decoder never makes room for more, whatever the bytes say.
pub const MAX_READINGS: usize = 10_000;

const VERSION: u8 = 1;
const HAS_IDS: u8 = 1;
const STATUS_RUNS: u8 = 2;
const HAS_ACCEPTANCES: u8 = 4;
/// Where the checksum ends and the lengths of the columns begin.
const LENGTHS_AT: usize = 8;

/// Writes readings of one stream as a block.
///
/// They must be 1 to [`MAX_READINGS`], strictly ascending by [`Reading::identity`], and either all or none with an id;
/// [`crate::split`] makes them so.
pub fn encode(readings: &[Reading]) -> Result<Vec<u8>, BlockError> {
    if readings.len() > MAX_READINGS {
        return Err(BlockError::TooMany { found: readings.len() });
    }
    encode_columns(&Columns::of(readings)?)
}

/// Writes columns as a block; they must be as long as one another and keep the promises that [`encode`] asks for.
pub fn encode_columns(columns: &Columns) -> Result<Vec<u8>, BlockError> {
    columns.check()?;
    let [
        mut time_bytes,
        mut value_bytes,
        mut id_bytes,
        mut accepted_bytes,
        mut status_bytes,
    ] = [const { Vec::new() }; 5];
    times::write(&columns.times, &mut time_bytes)?;
    values::write(&columns.values, &mut value_bytes)?;
    let mut flags = 0;
    if !columns.ids.is_empty() {
        flags |= HAS_IDS;
        let ids: Vec<i64> = columns.ids.iter().map(|id| i64::from(*id)).collect();
        ints::write(&ids, &mut id_bytes)?;
    }
    if !columns.accepted.is_empty() {
        flags |= HAS_ACCEPTANCES;
        acceptances::write(&columns.accepted, &mut accepted_bytes)?;
    }
    if columns.statuses.len() > 1 {
        flags |= STATUS_RUNS;
    }
    statuses::write(&columns.statuses, &mut status_bytes);
    let count = columns.len();
    let columns = [&time_bytes, &value_bytes, &id_bytes, &accepted_bytes, &status_bytes];
    Ok(assemble(flags, count, columns.map(Vec::as_slice)))
}

/// Reads a block whose values are numbers, or can be taken for some. What it returns keeps every promise that
/// [`encode`] asks for.
pub fn decode(bytes: &[u8]) -> Result<Vec<Reading>, BlockError> {
    decode_columns(bytes)?.into_readings()
}

/// Reads a block as it is. What it returns keeps every promise that [`encode_columns`] asks for.
pub fn decode_columns(bytes: &[u8]) -> Result<Columns, BlockError> {
    let (flags, count, mut body) = open(bytes)?;
    let mut length = |flag| match flag == 0 || flags & flag != 0 {
        true => body.at_most(bytes.len()),
        false => Ok(0),
    };
    let [times, values, ids, accepted] = [length(0)?, length(0)?, length(HAS_IDS)?, length(HAS_ACCEPTANCES)?];
    let times = times::read(Cursor(body.take(times)?), count)?;
    let values = values::read(Cursor(body.take(values)?), count)?;
    let (ids, accepted) = (Cursor(body.take(ids)?), Cursor(body.take(accepted)?));
    let ids = if flags & HAS_IDS == 0 {
        Vec::new()
    } else {
        read_ids(ids, count)?
    };
    let accepted = match flags & HAS_ACCEPTANCES {
        0 => Vec::new(),
        _ => acceptances::read(accepted, count)?,
    };
    let columns = Columns {
        times,
        values,
        statuses: statuses::read(body, flags & STATUS_RUNS == 0, count)?,
        ids,
        accepted,
    };
    let disordered = |_| BlockError::Corrupt("its readings are out of order");
    columns.check_order().map_err(disordered)?;
    Ok(columns)
}

impl StoredBlock {
    /// Whether it says of each reading when it was accepted, told without opening it.
    pub fn has_acceptances(&self) -> bool {
        self.bytes.get(1).is_some_and(|flags| flags & HAS_ACCEPTANCES != 0)
    }

    /// Whether its readings have ids, told without opening it.
    pub fn has_ids(&self) -> bool {
        self.bytes.get(1).is_some_and(|flags| flags & HAS_IDS != 0)
    }
}

/// Whether these bytes are a block that nothing was lost of.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    open(bytes).is_ok()
}

fn read_ids(bytes: Cursor<'_>, count: usize) -> Result<Vec<u32>, BlockError> {
    let wrong = |_| BlockError::Corrupt("one of its ids has more than 32 bits");
    let ids = ints::read(bytes, count)?.into_iter().map(u32::try_from);
    ids.collect::<Result<_, _>>().map_err(wrong)
}

#[expect(clippy::cast_possible_truncation, reason = "the count is checked")]
fn assemble(flags: u8, count: usize, columns: [&[u8]; 5]) -> Vec<u8> {
    let mut block = vec![VERSION, flags];
    block.extend((count as u16).to_le_bytes());
    block.extend([0; 4]);
    let [times, values, ids, accepted, _] = columns.map(|column| column.len() as u64);
    put(times, &mut block);
    put(values, &mut block);
    for (flag, length) in [(HAS_IDS, ids), (HAS_ACCEPTANCES, accepted)] {
        if flags & flag != 0 {
            put(length, &mut block);
        }
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
    if count == 0 || count > MAX_READINGS || flags & !(HAS_IDS | STATUS_RUNS | HAS_ACCEPTANCES) != 0 {
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
