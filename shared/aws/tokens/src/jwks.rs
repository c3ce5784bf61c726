//! The keys that tokens are signed with: a JSON Web Key Set (RFC 7517), fetched when first needed and kept.

use domain::Source;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long after a fetch, or an attempt at one, there is no other: anybody can make up a token with an unknown key, and
/// Cognito should not hear of each.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The set has none of that id: the token's fault.
    #[error("signed with an unknown key")]
    Unknown,
    /// The set cannot be had; the text is for the log.
    #[error("the signing keys: {0}")]
    Outage(String),
}

/// Gets the key set from wherever it is published.
pub trait FetchKeys: Send + Sync {
    /// The document as it came; an error's text goes to the log.
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, String>> + Send;
}

/// The key set, kept for the life of the environment and fetched again when a token names a key that is not in it.
pub struct KeySet<F> {
    fetch: F,
    source: Source,
    state: Mutex<State>,
}

type Keys = HashMap<String, Arc<DecodingKey>>;

#[derive(Default)]
struct State {
    keys: Keys,
    /// When the latest fetch began.
    tried: Option<Timestamp>,
    /// Why it brought nothing.
    failure: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    purpose: String,
    alg: Option<String>,
    kid: String,
    n: String,
    e: String,
}

impl<F: FetchKeys> KeySet<F> {
    /// An empty set: the first token fills it.
    pub fn new(fetch: F, source: Source) -> Self {
        Self {
            fetch,
            source,
            state: Mutex::default(),
        }
    }

    /// Fetches the set before anybody needs it. A fetch that failed, or was dropped half-way, leaves nothing that keeps the first token from another.
    pub async fn fetch_ahead(&self) {
        if let Ok(keys) = self.fetch.fetch().await.and_then(|document| read(&document)) {
            let mut state = self.state.lock().await;
            state.keys = keys;
            state.tried = Some(self.source.now());
        }
    }

    /// The key of that id. A key that is not there is the token's fault only where the latest fetch succeeded.
    pub async fn key(&self, kid: &str) -> Result<Arc<DecodingKey>, KeyFault> {
        let mut state = self.state.lock().await;
        if !state.keys.contains_key(kid) && state.rested(self.source.now()) {
            self.refresh(&mut state).await;
        }
        match (state.keys.get(kid), &state.failure) {
            (Some(key), _) => Ok(Arc::clone(key)),
            (None, None) => Err(KeyFault::Unknown),
            (None, Some(cause)) => Err(KeyFault::Outage(cause.clone())),
        }
    }

    async fn refresh(&self, state: &mut State) {
        state.tried = Some(self.source.now());
        // Stays when this future is dropped half-way.
        state.failure = Some("a fetch did not finish".to_owned());
        state.failure = match self.fetch.fetch().await.and_then(|document| read(&document)) {
            Ok(keys) => {
                state.keys = keys;
                None
            }
            Err(cause) => Some(cause),
        };
    }
}

impl State {
    fn rested(&self, now: Timestamp) -> bool {
        self.tried.is_none_or(|tried| now.duration_since(tried).abs() >= REST)
    }
}

/// The usable keys of a document. Others are passed over (RFC 7517 section 5); a document without any is no key set.
fn read(document: &[u8]) -> Result<Keys, String> {
    let document: Document = serde_json::from_slice(document).map_err(|_| "not a JSON Web Key Set".to_owned())?;
    let keys: Keys = document.keys.into_iter().filter_map(usable).collect();
    match keys.is_empty() {
        true => Err("a JSON Web Key Set without a usable key".to_owned()),
        false => Ok(keys),
    }
}

fn usable(key: Value) -> Option<(String, Arc<DecodingKey>)> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let signs = jwk.kty == "RSA" && jwk.purpose == "sig" && jwk.alg.is_none_or(|alg| alg == "RS256");
    let key = DecodingKey::from_rsa_components(&jwk.n, &jwk.e)
        .ok()
        .filter(|_| signs)?;
    Some((jwk.kid, Arc::new(key)))
}
