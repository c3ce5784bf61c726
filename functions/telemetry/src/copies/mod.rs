//! Copies of a stream's readings.

pub mod create;
