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
//! # The bytes of a block, version 1
//!
//! Words are little-endian. A *number* is unsigned LEB128: seven bits a byte, low ones first, the high bit set on all
//! but the last. A *signed number* n is the number `(n << 1) ^ (n >> 63)`. All arithmetic is of 64 bits and wraps.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | flags: bit 0, the readings have ids; bit 1, the statuses are runs; others 0 |
//! | 2 | 2 | how many readings, 1 to [`MAX_READINGS`] |
//! | 4 | 4 | CRC-32 (IEEE 802.3) of bytes 0 to 3 and of everything from byte 8 on |
//! | 8 | | numbers: the bytes of the columns of times, of values and, only with flag bit 0, of ids |
//! | | | the columns, in that order |
//! | | | to the end, the statuses (0 clean, 1 dirty, 2 utc): one byte for all or, with flag bit 1, runs of a number (their length) and a byte |
//!
//! Readings ascend strictly by time, then id; values are finite. Every column ends where its last part does.
//!
//! **Whole numbers** (`ints`), the form of ids and a part of others: a byte of kind, then
//! - 0, a line: signed numbers `start` and `step`; the n-th, from 0, is `start + n * step`;
//! - 1, 2 or 3: signed number `least`, number `unit`, and to the end `y` as u16, u32 or u64 by pco; each is
//!   `least + unit * y`.
//!
//! **By pco**: the metadata of one chunk and one page of
//! [pco's format 4.1](https://github.com/pcodec/pcodec/blob/main/docs/format.md), without its file header, which would
//! be the bytes 4 and 1. Modes other than dictionaries, deltas that look back over at most 2^15.
//!
//! **Times** (`times`), nanoseconds since the Unix epoch: a byte of kind, then
//! - 0: whole numbers;
//! - 1, off a clock: signed number `origin`, number `unit`, signed number `step`, number of bytes of the `ticks` and
//!   these as whole numbers, and to the end `off` as whole numbers; each is
//!   `origin + unit * (((tick * step) >> 16) + off)`, the shift keeping the sign.
//!
//! **Values** (`values`): a byte of kind, then
//! - 0, decimals: a byte `exponent` to 15, the number of exceptions and each as a number (its place from 0) and eight
//!   bytes (its value as f64), and to the end `digits` as whole numbers; each that is no exception is the f64 nearest
//!   to `digits`, divided by `10^exponent`;
//! - 1, the same rounded to f32 at last;
//! - 2, f64 by pco; 3, f32 by pco;
//! - 4, runs: the number of runs, the number of bytes of their lengths and these as whole numbers, and to the end the
//!   value of each run in one of the kinds above.
//!
//! A writer may choose any form that gives its readings back to the bit.
//!
//! To add a form: a new byte of kind, read by programs that are deployed before any that writes it. To add a column:
//! a bit in the flags (`codec`), after the ids. To change what bytes mean: a new version number, and a decoder beside
//! the old one. Stored blocks are never rewritten for a new format's sake.

mod acceptances;
mod bytes;
mod codec;
mod column;
mod columns;
mod error;
mod ints;
mod merge;
mod reading;
mod split;
mod statistics;
mod statuses;
mod summary;
mod times;
mod values;

pub use codec::{MAX_READINGS, decode, decode_columns, encode, encode_columns};
pub use columns::{Columns, Run, Values};
pub use error::BlockError;
pub use merge::{Acceptance, StoredBlock, merge, read};
pub use reading::{Reading, Status, UnknownStatus, dedupe};
pub use split::{TARGET, WINDOW, last_times_of, split};
pub use statistics::{Query, Statistics, WindowSummary, statistics};
pub use summary::{Point, Summary};
pub use values::MAX_TEXT;
