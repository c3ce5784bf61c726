//! Streamer reports: uploaded for a device, refused where they are not what they should be.

mod check;
pub mod create;
mod received;
mod refused;
