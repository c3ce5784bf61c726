//! The device that calls.

pub mod get;
