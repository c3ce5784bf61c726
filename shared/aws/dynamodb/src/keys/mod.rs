//! Every key of the two kinds of table, with the reads it serves.
//!
//! `directory.rs` has those of the directory and of the outbox beside it, `organization.rs` those of an organisation's own table.

mod directory;
mod organization;

pub(crate) use directory::*;
pub(crate) use organization::*;

/// Partition and sort key of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// The sort key of the one item that is the thing itself.
pub(crate) const META: &str = "META";

/// The record of a request with an `Idempotency-Key`, by the hash that identifies it. Read before and after its change.
pub(crate) fn idempotency(id: &str) -> Key {
    Key::new(format!("IDEMPOTENCY#{id}"), META)
}
