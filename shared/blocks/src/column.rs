//! One column of numbers, compressed by pco (wrapped format,
//! <https://github.com/pcodec/pcodec/blob/main/docs/format.md>): its version header, one chunk's metadata, one page.

use crate::BlockError;
use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, PagingSpec};

/// The widest window of pco's lookback deltas that a block can need: a power of two above [`crate::MAX_READINGS`].
const LOOKBACK_LOG: u8 = 15;

/// Compresses `numbers` and appends them to `out`. `delta` says how neighbours relate.
pub fn write<T: Number>(numbers: &[T], delta: DeltaSpec, out: &mut Vec<u8>) -> Result<(), BlockError> {
    let page = PagingSpec::Exact(vec![numbers.len()]);
    let config = ChunkConfig::default().with_delta_spec(delta).with_paging_spec(page);
    let refused = |_| BlockError::Corrupt("a column was refused by its compressor");
    let file = FileCompressor::default();
    file.write_header(&mut *out).map_err(refused)?;
    let mut chunk = file.chunk_compressor(numbers, &config).map_err(refused)?;
    chunk.write_meta(&mut *out).map_err(refused)?;
    chunk.write_page(0, &mut *out).map_err(refused)?;
    Ok(())
}

/// Reads exactly `count` numbers, from exactly these bytes.
pub fn read<T: Number + Default>(bytes: &[u8], count: usize) -> Result<Vec<T>, BlockError> {
    let refused = |_| BlockError::Corrupt("a column cannot be decompressed");
    let (file, rest) = FileDecompressor::new(bytes).map_err(refused)?;
    if file.format_version().major != 4 {
        return Err(BlockError::Corrupt("a column is of an unknown version"));
    }
    bound_memory(rest)?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(rest).map_err(refused)?;
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
fn bound_memory(chunk: &[u8]) -> Result<(), BlockError> {
    let mut head = [0; 16];
    for (to, from) in head.iter_mut().zip(chunk) {
        *to = *from;
    }
    let head = u128::from_le_bytes(head);
    let delta_at = match head & 0xf {
        0 => 4,
        1 | 2 => 4 + 64,
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
