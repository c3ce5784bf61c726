//! API keys: what a program sends as `x-api-key`.

use crate::directory::Credentials;
use crate::refusal::Reason;
use aws_dynamodb::StoredKey;
use domain::KeyId;
use domain::credential::Token;
use jiff::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

/// How far behind the noted time of a key's last use may be, in seconds.
const NOTED_EVERY: i64 = 60;
/// How long the one request a minute that notes it may wait for that.
const NOTED_WITHIN: Duration = Duration::from_millis(250);

/// The stored key, where the one that was sent is the same, still good, and used from where it may be.
pub(crate) fn check(
    sent: &Token,
    from: Option<IpAddr>,
    stored: Option<StoredKey>,
    now: Timestamp,
) -> Result<StoredKey, Reason> {
    let key = stored.ok_or(Reason::UnknownKey)?;
    let hash = sent.hash();
    let present = hash.matches(&key.hash);
    let former = key.former.as_ref().is_some_and(|former| former.opens(&hash, now));
    if !present && !former {
        return Err(Reason::UnknownKey);
    }
    if key.expires.is_some_and(|end| now >= end) {
        return Err(Reason::ExpiredKey);
    }
    match key.networks.admit(from) {
        true => Ok(key),
        false => Err(Reason::Network),
    }
}

/// Notes that a key is used, where that was not noted within the last minute. A write of one unit, so at most 43,200 a month and key, for which
/// one request a minute waits some milliseconds: Lambda would stop what goes on behind an answer. That it fails is nobody's fault who calls.
pub(crate) async fn note_use(directory: &impl Credentials, id: KeyId, key: &StoredKey, now: Timestamp) {
    let (at, since) = (now.as_second(), now.as_second() - NOTED_EVERY);
    if key.last_used_at.is_some_and(|noted| noted > since) {
        return;
    }
    match tokio::time::timeout(NOTED_WITHIN, directory.note_use(id, at, since)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the use of a key is not noted"),
        Err(_) => tracing::warn!("the use of a key is not noted in time"),
    }
}
