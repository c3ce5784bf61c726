//! Statistics of a stream.

pub mod get;
mod percents;
mod summarise;
pub mod window;
