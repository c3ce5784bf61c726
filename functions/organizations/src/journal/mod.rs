//! The journal of an organisation: what was done, by whom, when, from where and why.

mod address;
pub mod export;
pub mod head;
pub mod keys;
pub mod list;
