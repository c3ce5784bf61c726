//! Statistics of a stream.

pub mod get;
mod summarise;
mod window;
