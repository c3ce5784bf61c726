//! A block holds many readings of one stream as compressed columns, with a summary beside them that answers
//! statistics unopened.
//!
//! No storage, no network, no clock: bytes in, readings out. What a table's keys look like is the adapter's affair;
//! what it needs to know of order and bounds is in [`split`] and [`last_times_of`].
//!
//! The way of a reading: [`split`] cuts a message's readings of one stream into runs, [`StoredBlock::encode_all`] makes
//! each a block, [`read`] gives the readings that the blocks of a range amount to, and the crate `statistics` what is
//! said of them. A reading's identity is its stream, time and id (or none); where several blocks hold one identity, the
//! latest [`Acceptance`] wins. [`compaction`] makes few large blocks of many small ones, of which readers notice nothing;
//! [`StoredBlock::without`] leaves out what was deleted. The bytes of a block can lie [`Away`] from its summary, in a file of many.
//!
//! Every byte of a block is told in `FORMAT.md` beside this crate's manifest, and how to add to them.

mod acceptances;
mod away;
mod bytes;
mod codec;
mod column;
mod columns;
pub mod compaction;
mod error;
mod holes;
mod ints;
mod merge;
mod reading;
mod rounding;
mod sealed;
mod split;
mod statuses;
mod summary;
pub mod sums;
mod times;
mod values;

pub use away::{Away, HEAD, Stretch, stretches};
pub use codec::{MAX_READINGS, decode, decode_columns, encode, encode_columns};
pub use columns::{Columns, Run, Values};
pub use error::BlockError;
pub use holes::Hole;
pub use merge::{Acceptance, Accepted, StoredBlock, latest, read};
pub use reading::{Reading, Status, UnknownStatus, dedupe};
pub use sealed::{LABEL, Label};
pub use split::{TARGET, WINDOW, last_times_of, split};
pub use summary::{Point, Summary};
pub use values::MAX_TEXT;
