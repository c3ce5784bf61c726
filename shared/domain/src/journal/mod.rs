//! The journal: every change of an organisation as an entry that carries the hash of the one before.
//!
//! # The form that anybody's program can check
//! An entry's hash is SHA-256, in lower-case hexadecimal, over the entry's JSON without the member `hash`, canonical by RFC 8785 (JCS), in
//! UTF-8. `previous` is the hash of the entry before, empty in the first. A line of an export is an entry in the same canonical form, `hash`
//! included, ended by a line feed; the last line is a [`SignedHead`]. A head's signature is ECDSA over P-256 with SHA-256 (DER, base 64) over the
//! head's canonical JSON without the member `signature`; the keys are at `GET /v1/journal-keys`. `format` is 1; another form gets another number.
//!
//! # What it says of people
//! Entries name people and things by id only. A source address stands as API Gateway saw it, and a reason as it was typed.
//!
//! To add a kind of entry: an [`Event`] where the change is made. It holds no name, address or other value of a person's.
#![doc = include_str!("compliance.md")]

mod canonical;
mod entry;
mod head;
mod origin;
mod refused;
mod verify;

pub use entry::{Entry, Head};
pub use head::{BadKey, KeyRing, PublicKey, SignedHead};
pub use origin::{Origin, Reason, ReasonError};
pub use refused::{RefusedAttempt, RefusedAttempts};
pub use verify::{Divergence, Verdict, Verifier};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The version of the form of entries and heads.
pub const FORMAT: u8 = 1;

/// What somebody did, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What was done, as in `device.created`.
    pub action: &'static str,
    /// What it was done to: an id.
    pub resource: String,
    /// The state before, where there was one.
    pub before: Option<Value>,
    /// The state after, where there is one.
    pub after: Option<Value>,
}

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
