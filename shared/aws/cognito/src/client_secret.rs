//! The app client's secret and the proof that is made of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The app client's secret. `Debug` does not show it.
pub(crate) struct ClientSecret(String);

impl ClientSecret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret in clear, for the calls that take it whole.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A key for something else, which does not tell the secret: HMAC-SHA256 of what it is for.
    pub fn derive(&self, label: &str) -> [u8; 32] {
        self.mac(&[label]).into()
    }

    /// The secret hash: HMAC-SHA256 of the user name and the client's id, in base 64
    /// (Amazon Cognito developer guide, "Computing secret hash values").
    pub fn hash(&self, username: &str, client_id: &str) -> String {
        STANDARD.encode(self.mac(&[username, client_id]))
    }

    fn mac(&self, parts: &[&str]) -> hmac::digest::Output<Sha256> {
        // HMAC takes keys of any length (RFC 2104 section 2), so that the error cannot be.
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes());
        mac.map(|mac| parts.iter().fold(mac, Mac::chain_update))
            .map(|mac| mac.finalize().into_bytes())
            .unwrap_or_default()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_cognito_computes() {
        // printf '%s' ada@example.com1example23456789 | openssl dgst -sha256 -hmac secret -binary | base64
        let secret = ClientSecret::new("secret".to_owned());
        assert_eq!(
            secret.hash("ada@example.com", "1example23456789"),
            "TrR/z53sHGQGGhnyMWdeTLQYoBC1fLxBCJKFHxuq5l8="
        );
        assert_eq!(format!("{secret:?}"), "ClientSecret(..)");
    }
}
