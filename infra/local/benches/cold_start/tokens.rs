//! Access tokens that are good now, and the key that they are signed with.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const ID: &str = "measured";

/// In the place of the user pool.
pub struct Signer(KeyPair);

impl Signer {
    pub fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// The key set (RFC 7517).
    pub fn published(&self) -> String {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.0.public_key());
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        let key = json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": ID, "n": n, "e": e });
        json!({ "keys": [key] }).to_string()
    }

    /// A token of somebody who has just signed in, with the claims of another beyond its times and issuer.
    pub fn renew(&self, token: &str, issuer: &str, client: &str) -> String {
        let claims = token.split('.').nth(1).unwrap();
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "what is measured has the machine's clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (name, value) in [
            ("iss", json!(issuer)),
            ("client_id", json!(client)),
            ("auth_time", json!(now)),
            ("iat", json!(now)),
            ("exp", json!(now + 3600)),
        ] {
            claims[name] = value;
        }
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "kid": ID, "alg": "RS256" }).to_string();
        let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", encode(header), encode(claims.to_string()));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
