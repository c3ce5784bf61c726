//! Streams: what a device has readings of, and what is laid down about it.

mod formula;
pub mod get;
pub mod list;
pub mod update;
mod view;
