//! What a device uploads for itself, in a session of its own.

pub mod readings;
pub mod reports;
