//! Restores: an organisation's data put back to what they were.

pub mod create;
