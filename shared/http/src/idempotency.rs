//! `Idempotency-Key`: a POST that is sent again does its work once, and is answered as before.
//!
//! A handler that creates takes [`Once`] (or [`OnceJson`], with the body) last, lets [`Once::run`] decide whether there is work to do, and
//! commits [`Once::record`] of its answer in the change's own transaction.

use crate::replay::{Answered, Replayable};
use crate::{Authenticated, Body, Kind, Problem};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use domain::idempotency::{IdempotencyKey, KeyedRequest, Record, Records, State, Target};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

const HEADER: &str = "idempotency-key";

/// What an answer says in the place of a secret that it cannot show again.
pub const SHOWN_ONCE: &str = "The secret was shown once, with the first answer to this request, and is kept nowhere. If it did not reach you, rotate it: end this one and make another.";

/// The header, for a route's description.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; `Once` reads it")]
pub struct IdempotencyKeyHeader {
    /// Makes the request safe to send again: for 24 hours a repetition with the same key, query and body does nothing and gets the first answer
    /// (`idempotency-replayed: true`), where a secret stands as missing, with a `notice` to rotate it; one with another query or body is
    /// refused (422). Only what was carried out is remembered. 1 to 255 visible ASCII characters, such as a UUID; a key counts for one caller
    /// and path.
    #[param(rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// A request that may be sent again: with a key, it is carried out once; without, each time.
#[derive(Debug, Clone)]
pub struct Once(Option<KeyedRequest>);

/// The same with a JSON body.
pub struct OnceJson<T>(pub Once, pub T);

impl<S: Send + Sync> FromRequest<S> for Once {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state).await.map(|(once, _)| once)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OnceJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (once, body) = read(request, state).await?;
        Ok(Self(once, body.json()?))
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<(Once, Body), Problem> {
    let (mut parts, body) = request.into_parts();
    let key = key(&parts.headers)?;
    let caller = match &key {
        Some(_) => Some(Authenticated::from_request_parts(&mut parts, state).await?.0.principal),
        None => None,
    };
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let body = Body::from_request(Request::from_parts(parts, body), state).await?;
    let target = Target {
        method: method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        body: &body.bytes,
    };
    let keyed = caller
        .zip(key)
        .map(|(caller, key)| KeyedRequest::new(caller, &key, target));
    Ok((Once(keyed), body))
}

fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let malformed = |detail: String| {
        Problem::new(Kind::BadRequest, "`Idempotency-Key` is not valid; `errors` says why.").and(HEADER, detail)
    };
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("must be sent once".to_owned()));
    }
    let key = value.to_str().unwrap_or_default().parse();
    key.map(Some)
        .map_err(|error: domain::idempotency::KeyError| malformed(error.to_string()))
}

impl Once {
    /// Carries the request out, unless its record shows that it was. A request that fails looks for the record once more: whatever refused
    /// it (a taken name, contention, an answer that got lost) may be its own twin, whose answer then is its answer.
    pub async fn run<T>(
        &self,
        records: &impl Records,
        now: Timestamp,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Answered<T>, Problem> {
        let Some(request) = &self.0 else {
            return work.await.map(Answered::Now);
        };
        match request.state(records.record(request.id()).await?, now) {
            State::Started => {}
            known => return Answered::from_state(known, Problem::internal("no answer is known")),
        }
        let refused = match work.await {
            Ok(answer) => return Ok(Answered::Now(answer)),
            Err(refused) => refused,
        };
        let state = request.state(records.record(request.id()).await?, now);
        match refused.kind() {
            Kind::Unavailable => Answered::from_state(state.after_silence(), refused),
            _ => Answered::from_state(state, refused),
        }
    }

    /// What to remember of the answer, in the change's own transaction; nothing without a key. The answer must hold no secret.
    pub fn record(&self, answer: &impl Replayable, now: Timestamp) -> Result<Option<Record>, Problem> {
        let Some(request) = &self.0 else { return Ok(None) };
        Ok(Some(request.answered(answer.to_replay()?, now)))
    }
}

#[cfg(test)]
mod tests;
