//! The journal: every change of an organisation as an entry that carries the hash of the one before.
//!
//! # The form that anybody's program can check
//! An entry's hash is SHA-256, in lower-case hexadecimal, over the entry's JSON without the member `hash`, canonical by RFC 8785 (JCS), in
//! UTF-8. `previous` is the hash of the entry before, empty in the first. A line of an export is an entry in the same canonical form, `hash`
//! included, ended by a line feed; the last line is a [`SignedHead`]. A head's signature is ECDSA over P-256 with SHA-256 (DER, base 64) over the
//! head's canonical JSON without the member `signature`; the keys are at `GET /v1/journal-keys`. An entry's `format` is 2, a head's 1; another form
//! gets another number. In entries of format 1 `address` is the source address as API Gateway saw it, in those of format 2 a [`Pseudonym`] of it.
//!
//! # What it says of people
//! Entries name people and things by id only. A source address stands under a key in the row of the person who sent it, which goes with their
//! account: who is behind an id, and behind an address, is then told nowhere in Millwright's tables. What remains: backups of the directory, for
//! at most 35 days (point-in-time recovery); API Gateway's log of requests, with addresses, for as long as logs are kept; a reason as it was
//! typed, in its author's own words.
//!
//! To add a kind of entry: an [`Event`] where the change is made. It holds no name, address or other value of a person's.
#![doc = include_str!("compliance.md")]

mod canonical;
mod entry;
mod head;
mod origin;
mod pseudonym;
mod refused;
mod verify;

pub use entry::{Entry, Head};
pub use head::{BadKey, KeyRing, PublicKey, SignedHead};
pub use origin::{Origin, Reason, ReasonError};
pub use pseudonym::{Address, NoPseudonym, Pseudonym, PseudonymKey};
pub use refused::{RefusedAttempt, RefusedAttempts};
pub use verify::{Divergence, Verdict, Verifier};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The version of the form of entries that are written.
pub const FORMAT: u8 = 2;
/// The versions of the form of entries that can be read.
pub const FORMATS: std::ops::RangeInclusive<u8> = 1..=FORMAT;
/// The version of the form of heads.
pub const HEAD_FORMAT: u8 = 1;

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
