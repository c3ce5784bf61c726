//! Why readings did not become a block, or bytes did not become readings.

use crate::{MAX_READINGS, MAX_TEXT};

/// Why a block was not written or not read.
///
/// Those before [`BlockError::Version`] blame the caller, the others say that bytes are not a block of this format, or
/// no longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// No readings: a block has at least one.
    #[error("a block needs at least one reading")]
    Empty,
    /// More than [`MAX_READINGS`].
    #[error("a block holds at most {MAX_READINGS} readings, not {found}")]
    TooMany {
        /// How many there were.
        found: usize,
    },
    /// Not strictly ascending by time, then id.
    #[error("reading {index} is not after the one before it, by time and id")]
    Unsorted {
        /// The first reading out of order, from 0.
        index: usize,
    },
    /// Some readings have an id and some have none.
    #[error("reading {index} has an id where the first has none, or none where the first has one")]
    MixedIds {
        /// The first reading unlike the first, from 0.
        index: usize,
    },
    /// Columns of different lengths.
    #[error("its columns are not of one length")]
    Uneven,
    /// More than [`MAX_TEXT`].
    #[error("the different texts of a block have at most {MAX_TEXT} bytes together, not {found}")]
    TooMuchText {
        /// How many there were.
        found: usize,
    },
    /// Texts where numbers were asked for.
    #[error("its values are texts, which are no numbers")]
    Texts,
    /// A version that this program does not know.
    #[error("block format {found} is not known")]
    Version {
        /// The version that the bytes name.
        found: u8,
    },
    /// The checksum does not match: bytes were changed or lost.
    #[error("the block's checksum does not match its bytes")]
    Checksum,
    /// Its bytes lie elsewhere, and nobody has brought them here.
    #[error("the block's bytes lie in a file, and were not read from there")]
    Away,
    /// The checksum matches, and yet the content breaks the format.
    #[error("the block is corrupt: {0}")]
    Corrupt(&'static str),
}
