//! Exports: of all that an organisation has, and of readings of a device.

pub mod create;
pub mod readings;
