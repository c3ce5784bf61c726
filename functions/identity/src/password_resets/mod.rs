//! Password resets.

pub mod confirm;
pub mod create;
