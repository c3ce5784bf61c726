//! The key that signs sessions.

use super::PublishedKey;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;

/// What keeps this use of a secret apart from any other.
const PURPOSE: &[u8] = b"millwright session key 1\n";
/// Shortest secret taken, in characters: 32 random letters and digits hold 190 bits.
const SHORTEST: usize = 32;
/// Characters of a key's name: 64 bits tell keys apart.
const NAME: usize = 16;

/// A key that signs sessions; `Debug` shows its name alone.
pub struct SessionKey {
    pub(super) pair: Ed25519KeyPair,
    pub(super) id: String,
}

/// A secret that no key can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret of the session key must have at least 32 characters")]
pub struct UnusableSecret;

impl SessionKey {
    /// The key of a secret: a random text of at least 32 characters, as Secrets Manager makes it. The same secret is always the same key.
    pub fn of_secret(secret: &[u8]) -> Result<Self, UnusableSecret> {
        if secret.len() < SHORTEST {
            return Err(UnusableSecret);
        }
        let seed = Sha256::new().chain_update(PURPOSE).chain_update(secret).finalize();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| UnusableSecret)?;
        let digest = Sha256::digest(pair.public_key().as_ref());
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = name.chars().take(NAME).collect();
        Ok(Self { pair, id })
    }

    /// Its name, which follows from its public half.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its public half, to be good until then.
    pub fn published(&self, until: Timestamp) -> PublishedKey {
        PublishedKey {
            id: self.id.clone(),
            public: URL_SAFE_NO_PAD.encode(self.pair.public_key()),
            until: until.as_second(),
        }
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.id)
    }
}
