//! API keys: what a program sends as `x-api-key`.

use crate::refusal::Reason;
use aws_dynamodb::StoredKey;
use domain::credential::Token;
use jiff::Timestamp;

/// The stored key, where the one that was sent is the same and still good.
pub(crate) fn check(sent: &Token, stored: Option<StoredKey>, now: Timestamp) -> Result<StoredKey, Reason> {
    let key = stored
        .filter(|key| sent.hash().matches(&key.hash))
        .ok_or(Reason::UnknownKey)?;
    match key.expires {
        Some(end) if now >= end => Err(Reason::ExpiredKey),
        _ => Ok(key),
    }
}
