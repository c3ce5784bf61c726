//! Members of an organisation.

pub mod list;
pub mod remove;
