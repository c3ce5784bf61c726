//! Requests that may be sent again: a caller's `Idempotency-Key`, and the record of what its first request was answered.
//!
//! The record commits in the change's own transaction, so that there is a record if and only if there is the change. A key counts for one
//! caller, method and path; it is stored as a hash alone, and so is what the request said.

use crate::{Principal, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::str::FromStr;

/// How long a record is kept: a repetition after that is a new request.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Longest key, in characters.
pub const MAX_KEY: usize = 255;

/// What a caller calls a request of theirs: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {MAX_KEY} visible ASCII characters, such as a UUID")]
pub struct KeyError;

/// What a request asks of whom; the query may be empty.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// As in `POST`.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// Without the question mark.
    pub query: &'a str,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// A request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    id: String,
    fingerprint: String,
}

/// What a request was answered: all that a repetition is told, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The body, JSON.
    pub body: String,
}

/// A request that was carried out, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// SHA-256 of caller, method, path and key, in hexadecimal.
    pub id: String,
    /// SHA-256 of the same with query and body, in hexadecimal. The key is not stored, so that nobody can guess a body by it.
    pub fingerprint: String,
    /// What it was answered.
    pub answer: Answer,
    /// Until when the record counts (Unix seconds; DynamoDB time to live, which removes it some time later).
    pub expires_at: i64,
}

/// Where a request with a key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody has carried it out: it begins now.
    Started,
    /// It was carried out: this is its answer.
    Replay(Answer),
    /// It failed in a way that leaves open whether it, or another with its key, is carried out yet.
    InFlight,
    /// The key belongs to a request with another query or body.
    Mismatch,
}

/// Where records are kept.
pub trait Records {
    /// The record of that id, expired or not, as of now (strongly consistent).
    fn record(&self, id: &str) -> impl Future<Output = Result<Option<Record>, ServiceError>> + Send;
}

impl FromStr for IdempotencyKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let good = (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| Self(text.to_owned())).ok_or(KeyError)
    }
}

impl KeyedRequest {
    /// A caller's request under a key of theirs.
    pub fn new(caller: Principal, key: &IdempotencyKey, target: Target<'_>) -> Self {
        let caller = caller.to_string();
        let whose = [
            caller.as_bytes(),
            target.method.as_bytes(),
            target.path.as_bytes(),
            key.0.as_bytes(),
        ];
        let what = [target.query.as_bytes(), target.body];
        Self {
            id: digest(whose.into_iter()),
            fingerprint: digest(whose.into_iter().chain(what)),
        }
    }

    /// Under which id its record is kept.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the request stands, by the record found. One that has expired counts as absent.
    pub fn state(&self, found: Option<Record>, now: Timestamp) -> State {
        match found.filter(|record| record.expires_at > now.as_second()) {
            None => State::Started,
            Some(record) if record.fingerprint == self.fingerprint => State::Replay(record.answer),
            Some(_) => State::Mismatch,
        }
    }

    /// The record of its answer.
    pub fn answered(&self, answer: Answer, now: Timestamp) -> Record {
        Record {
            id: self.id.clone(),
            fingerprint: self.fingerprint.clone(),
            answer,
            expires_at: now.as_second().saturating_add(KEPT.as_secs()),
        }
    }
}

impl State {
    /// The same after an attempt that failed without saying whether it was carried out.
    #[must_use]
    pub fn after_silence(self) -> Self {
        match self {
            Self::Started => Self::InFlight,
            known => known,
        }
    }
}

/// SHA-256 over parts, each with its length before it, so that no two lists of parts read the same.
fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
