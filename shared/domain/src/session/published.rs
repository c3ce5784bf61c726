//! The public halves of the keys that sign sessions, as the authorizer reads them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedKey {
    /// The key's name.
    pub id: String,
    /// Ed25519, 32 bytes in base64url.
    pub public: String,
    /// The second since the epoch from which on nothing counts that it signed.
    pub until: i64,
}

/// All that are published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PublishedKeys {
    /// The keys, in the order in which they were first published.
    pub keys: Vec<PublishedKey>,
    /// Counts its changes.
    pub version: u64,
}

impl PublishedKey {
    /// The key's bytes; `None` where they are none.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD
            .decode(&self.public)
            .ok()
            .filter(|bytes| bytes.len() == 32)
    }
}

impl PublishedKeys {
    /// The key of that name, while it is good.
    pub fn key(&self, id: &str, now: Timestamp) -> Option<&PublishedKey> {
        let good = |key: &&PublishedKey| key.id == id && now.as_second() < key.until;
        self.keys.iter().find(good)
    }

    /// Until when the key of that name is good; long ago where it is not there.
    pub fn until(&self, id: &str) -> i64 {
        self.keys
            .iter()
            .find(|key| key.id == id)
            .map_or(i64::MIN, |key| key.until)
    }

    /// The keys with this one, without those whose time is over.
    #[must_use]
    pub fn with(&self, key: PublishedKey, now: Timestamp) -> Self {
        let mut keys = self.keys.clone();
        match keys.iter_mut().find(|other| other.id == key.id) {
            Some(same) => same.until = same.until.max(key.until),
            None => keys.push(key),
        }
        keys.retain(|key| now.as_second() < key.until);
        Self {
            keys,
            version: self.version + 1,
        }
    }
}
