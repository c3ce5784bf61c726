//! Sessions of machines.

pub mod create;
mod signed;
