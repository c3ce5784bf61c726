//! Where readings of a stream are missing.

pub mod find;
pub mod list;
