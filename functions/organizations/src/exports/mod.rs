//! Exports of all that an organisation has.

pub mod create;
