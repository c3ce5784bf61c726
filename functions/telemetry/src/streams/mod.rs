//! Streams: what a device has readings of.

pub mod list;
