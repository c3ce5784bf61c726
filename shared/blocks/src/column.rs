//! One column of numbers, compressed by pco (wrapped format 4.1,
//! <https://github.com/pcodec/pcodec/blob/main/docs/format.md>): one chunk's metadata and one page. pco's own file
//! header would be the same two bytes every time and is left out.

use crate::BlockError;
use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

/// pco's file header: major and minor version of its format.
const PCO_FORMAT: [u8; 2] = [4, 1];

/// The widest window of pco's lookback deltas that a block can need: a power of two above [`crate::MAX_READINGS`].
const LOOKBACK_LOG: u8 = 15;

/// How much pco tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Beyond it sizes fall by less than a hundredth, and speed by a third.
    Full = 6,
    /// For noise on a bell, of which few widths say all that there is to say.
    Low = 3,
    /// One width for all: for what is spread evenly, which no other takes to pieces shorter by more than half a bit.
    Least = 0,
}

impl Effort {
    /// The effort that distances from a clock are worth: they are mostly noise.
    pub fn of_noise(numbers: &[i64]) -> Self {
        let some = sample(numbers).concat();
        let (least, most) = (some.iter().min().copied(), some.iter().max().copied());
        let range = most
            .unwrap_or_default()
            .wrapping_sub(least.unwrap_or_default())
            .unsigned_abs();
        let middle = least.unwrap_or_default().wrapping_add_unsigned(range / 2);
        let away: u128 = some.iter().map(|number| u128::from(number.abs_diff(middle))).sum();
        // On average a quarter of the range where they are spread evenly, a tenth on a bell.
        let even = away * 5 > u128::from(range) * some.len() as u128;
        if even { Self::Least } else { Self::Low }
    }
}

/// Compresses `numbers`, at least one, and appends them to `out`. `mode` is pco's choice of how to take a number
/// apart, `order` says how often to take differences.
pub fn write<T: Number>(
    numbers: &[T],
    (mode, order, effort): (ModeSpec, usize, Effort),
    out: &mut Vec<u8>,
) -> Result<(), BlockError> {
    let config = ChunkConfig::default()
        .with_compression_level(effort as usize)
        .with_mode_spec(mode)
        .with_delta_spec(DeltaSpec::TryConsecutive(order))
        .with_paging_spec(PagingSpec::Exact(vec![numbers.len()]));
    let refused = |_| BlockError::Corrupt("a column was refused by its compressor");
    let file = FileCompressor::default();
    let mut chunk = file.chunk_compressor(numbers, &config).map_err(refused)?;
    chunk.write_meta(&mut *out).map_err(refused)?;
    chunk.write_page(0, &mut *out).map_err(refused)?;
    Ok(())
}

/// Reads exactly `count` numbers, from exactly these bytes.
pub fn read<T: Number + Default>(bytes: &[u8], count: usize) -> Result<Vec<T>, BlockError> {
    let refused = |_| BlockError::Corrupt("a column cannot be decompressed");
    bound_memory(bytes, size_of::<T>())?;
    let (file, _) = FileDecompressor::new(&PCO_FORMAT[..]).map_err(refused)?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(bytes).map_err(refused)?;
    let mut page = chunk.page_decompressor(rest, count).map_err(refused)?;
    let mut numbers = vec![T::default(); count];
    let progress = page.read(&mut numbers).map_err(refused)?;
    match progress.finished && progress.n_processed == count && page.into_src().is_empty() {
        true => Ok(numbers),
        false => Err(BlockError::Corrupt("a column does not end where it should")),
    }
}

/// Refuses a chunk whose metadata would make pco allocate by what it claims and not by what it holds: a dictionary of
/// up to 2^25 entries or a lookback window of up to 2^24. (Mode is in the lowest four bits, then its parameters, then
/// four bits of delta encoding.)
fn bound_memory(chunk: &[u8], width: usize) -> Result<(), BlockError> {
    let mut head = [0; 16];
    for (to, from) in head.iter_mut().zip(chunk) {
        *to = *from;
    }
    let head = u128::from_le_bytes(head);
    let delta_at = match head & 0xf {
        0 => 4,
        1 | 2 => 4 + 8 * width,
        3 => 4 + 8,
        _ => return Err(BlockError::Corrupt("a column is of a mode that blocks do not use")),
    };
    let lookback = (head >> delta_at) & 0xf == 2;
    let window_log = 1 + ((head >> (delta_at + 4)) & 0x1f);
    match lookback && window_log > u128::from(LOOKBACK_LOG) {
        true => Err(BlockError::Corrupt("a column looks back further than a block is long")),
        false => Ok(()),
    }
}

/// How often to take differences of these numbers, from none to twice: what leaves the fewest bits, once more only if
/// that saves a good part of one. (What an estimate from sizes alone does not see is how often numbers are the same.)
pub fn best_order(numbers: &[i64]) -> usize {
    let plain = sample(numbers);
    let once: Vec<_> = plain.iter().map(|stretch| differences(stretch)).collect();
    let twice: Vec<_> = once.iter().map(|stretch| differences(stretch)).collect();
    let worth = plain.concat().len() as u64 / 4;
    let [none, one, two] = [bits(plain.concat()), bits(once.concat()), bits(twice.concat())];
    if two + 2 * worth < none && two + worth < one {
        2
    } else {
        usize::from(one + worth < none)
    }
}

/// Enough of these numbers to judge them by, in stretches of neighbours.
pub fn sample(numbers: &[i64]) -> Vec<&[i64]> {
    const STRETCH: usize = 128;
    const STRETCHES: usize = 10;
    let step = numbers.len().div_ceil(STRETCH * STRETCHES).max(1);
    numbers.chunks(STRETCH).step_by(step).collect()
}

/// Each number less the one before it; one fewer than there are.
pub fn differences(numbers: &[i64]) -> Vec<i64> {
    let later = numbers.get(1..).unwrap_or_default();
    later.iter().zip(numbers).map(|(b, a)| b.wrapping_sub(*a)).collect()
}

/// About how many bits these numbers take around their median.
pub fn bits(mut numbers: Vec<i64>) -> u64 {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return 0;
    }
    let (_, median, _) = numbers.select_nth_unstable(middle);
    let median = *median;
    let width = |number: &i64| u64::from(64 - number.wrapping_sub(median).unsigned_abs().leading_zeros());
    numbers.iter().map(width).sum()
}
