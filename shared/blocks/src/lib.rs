//! A block holds many readings of one stream as compressed columns, with a summary beside them that answers
//! statistics unopened.
//!
//! No storage, no network, no clock: bytes in, readings out. What a table's keys look like is the adapter's affair;
//! what it needs to know of order and bounds is in [`split`] and [`last_times_of`].
//!
//! The way of a reading: [`split`] cuts a message's readings of one stream into runs, [`StoredBlock::encode`] makes
//! each a block, [`read`] and [`statistics`] answer from the blocks that a range touches. A reading's identity is its
//! stream, time and id (or none); where several blocks hold one identity, the latest [`Acceptance`] wins.
//!
//! To add a column: give it a bit in the header's flags (`codec`), write it after the ids, and keep reading blocks
//! without it. To change what a column's bytes mean: a new version number, and a decoder beside the old one. Stored
//! blocks are never rewritten for a new format's sake.

mod codec;
mod column;
mod error;
mod merge;
mod reading;
mod split;
mod statistics;
mod summary;

pub use codec::{MAX_READINGS, decode, encode};
pub use error::BlockError;
pub use merge::{Acceptance, StoredBlock, merge, read};
pub use reading::{Reading, Status, UnknownStatus, dedupe};
pub use split::{TARGET, WINDOW, last_times_of, split};
pub use statistics::{Query, Statistics, WindowSummary, statistics};
pub use summary::{Point, Summary};
