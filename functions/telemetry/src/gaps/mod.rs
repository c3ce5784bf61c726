//! Where readings of a stream are missing.

mod find;
pub mod list;
