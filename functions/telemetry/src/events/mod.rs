//! Events of a device: what its reports told beside readings.

pub mod get;
pub mod list;
mod view;
