//! Who owns an organisation.

pub mod create;
