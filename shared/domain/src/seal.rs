//! Sealed texts: what a client keeps for us from one request to the next, and can neither read nor change; and what we keep of secrets.
//!
//! AES-256-GCM with a random nonce (NIST SP 800-38D section 8.2.2: good for 2^32 texts under one key). What a text is for is part of what is
//! authenticated, so that none passes for one of another purpose. A sealed text says nothing of how long it is good: what is in it does.

use crate::Source;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt;

/// Longest sealed text that is looked at, in bytes.
pub const MAX_SEALED: usize = 8 * 1024;

/// Shortest secret that a key is made of: 32 random letters and digits hold 190 bits.
const SHORTEST_SECRET: usize = 32;

/// What a sealed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in that waits for its second factor.
    Challenge,
    /// A refresh token.
    Refresh,
    /// A secret of a stream filter: where Slack takes its messages, what its webhooks are signed with.
    Filter,
}

impl Purpose {
    /// What a text of this purpose begins with: secret scanners recognise it, and it is authenticated.
    fn prefix(self) -> &'static str {
        match self {
            Self::Challenge => "mwc_",
            Self::Refresh => "mwr_",
            Self::Filter => "mwf_",
        }
    }
}

/// A value that could not be sealed: no fault of whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text cannot be sealed")]
pub struct SealError;

/// A key that seals and opens. `Debug` does not show it.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// The sealer with this key, which must not be used for anything else.
    pub fn new(key: [u8; 32]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| SealError)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// The sealer whose key follows from a secret of at least 32 random characters, as Secrets Manager makes it, and from what it seals: the same
    /// secret makes another key for anything else.
    pub fn of_secret(secret: &[u8], what: &str) -> Result<Self, SealError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(SealError);
        }
        let key = Sha256::new().chain_update(format!("millwright seal of {what} 1\n"));
        Self::new(key.chain_update(secret).finalize().into())
    }

    /// Seals a value.
    pub fn seal(&self, purpose: Purpose, value: &impl Serialize, source: &Source) -> Result<String, SealError> {
        let nonce: [u8; NONCE_LEN] = source.bytes();
        let mut text = serde_json::to_vec(value).map_err(|_| SealError)?;
        let aad = Aad::from(purpose.prefix().as_bytes());
        let sealed = self
            .0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text);
        sealed.map_err(|_| SealError)?;
        let whole = [nonce.as_slice(), &text].concat();
        Ok(format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(whole)))
    }

    /// Opens what this key has sealed for that purpose; `None` for any other text.
    pub fn open<T: DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Option<T> {
        let text = Some(text).filter(|text| text.len() <= MAX_SEALED)?;
        let whole = URL_SAFE_NO_PAD.decode(text.strip_prefix(purpose.prefix())?).ok()?;
        let (nonce, sealed) = whole.split_first_chunk::<NONCE_LEN>()?;
        let (aad, mut sealed) = (Aad::from(purpose.prefix().as_bytes()), sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, aad, &mut sealed).ok()?;
        serde_json::from_slice(opened).ok()
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Random};
    use jiff::Timestamp;

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn sealed(key: u8, purpose: Purpose) -> (Sealer, String) {
        let sealer = Sealer::new([key; 32]).unwrap();
        let text = sealer.seal(purpose, &("ada", 3), &Source::new(Fixed, Fixed)).unwrap();
        (sealer, text)
    }

    #[test]
    fn what_was_sealed_is_read_back_by_the_same_key_for_the_same_purpose() {
        let (sealer, text) = sealed(1, Purpose::Refresh);
        assert!(text.starts_with("mwr_") && !text.contains("ada"), "{text}");
        let opened = sealer.open::<(String, u32)>(Purpose::Refresh, &text);
        assert_eq!(opened, Some(("ada".to_owned(), 3)));
        let renamed = text.replacen("mwr_", "mwc_", 1);
        assert_eq!(sealer.open::<(String, u32)>(Purpose::Challenge, &renamed), None);
        assert_eq!(
            sealed(2, Purpose::Refresh)
                .0
                .open::<(String, u32)>(Purpose::Refresh, &text),
            None
        );
    }

    #[test]
    fn a_secret_makes_one_key_for_each_thing() {
        let source = Source::new(Fixed, Fixed);
        let secret = [b'x'; 32];
        let filters = || Sealer::of_secret(&secret, "filters").unwrap();
        let text = filters().seal(Purpose::Filter, &7, &source).unwrap();
        assert_eq!(filters().open(Purpose::Filter, &text), Some(7));
        let other = Sealer::of_secret(&secret, "something else").unwrap();
        assert_eq!(other.open::<i32>(Purpose::Filter, &text), None);
        assert!(Sealer::of_secret(&secret[1..], "filters").is_err());
    }

    #[test]
    fn no_other_text_is_opened() {
        let (sealer, text) = sealed(1, Purpose::Challenge);
        for place in 0..text.len() {
            let mut other = text.clone();
            let old = other.remove(place);
            other.insert(place, if old == 'A' { 'B' } else { 'A' });
            assert_eq!(
                sealer.open::<(String, u32)>(Purpose::Challenge, &other),
                None,
                "{place}"
            );
            assert_eq!(sealer.open::<(String, u32)>(Purpose::Challenge, &text[..place]), None);
        }
        for other in ["", "mwc_", "mwc_AAAA", &"mwc_A".repeat(MAX_SEALED)] {
            assert_eq!(sealer.open::<(String, u32)>(Purpose::Challenge, other), None);
        }
    }
}
