//! Signed heads: what an organisation's journal was at a moment, for whoever does not trust the database.

use super::{HEAD_FORMAT, Head, canonical};
use crate::OrgId;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// That a journal's entry at a place has a hash, and so which entries come before it; signed with a key that never leaves AWS KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The version of this form: 1.
    pub format: u8,
    /// Whose journal.
    pub org: OrgId,
    /// The place of the first entry that it is about: 1, or where the export begins that it closes.
    pub first: u64,
    /// The place of the last.
    pub sequence: u64,
    /// The last one's hash, in hexadecimal; empty while there is none.
    pub hash: String,
    /// The place of the journal's latest entry when it was signed: `sequence`, but where an export ends before that.
    pub latest: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// Which key signed it.
    pub key_id: String,
    /// ECDSA over P-256 with SHA-256, DER, in base 64.
    pub signature: String,
}

/// A key that checks heads, as `GET /v1/journal-keys` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicKey {
    /// Its name in the heads that it signed.
    pub key_id: String,
    /// Always `ECDSA_SHA_256`, over P-256.
    pub algorithm: String,
    /// `SubjectPublicKeyInfo` (RFC 5280 section 4.1) as PEM (RFC 7468).
    pub public_key: String,
}

/// Not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the public key cannot be read: it must be PEM, or the answer of GET /v1/journal-keys")]
pub struct BadKey;

/// Keys that check heads, by name; a key without a name checks those of any.
#[derive(Debug, Clone, Default)]
pub struct KeyRing(Vec<(Option<String>, Vec<u8>)>);

impl SignedHead {
    /// The journal's head, waiting for its signature.
    pub fn unsigned(org: OrgId, head: Head, at: Timestamp, key_id: String) -> Self {
        Self {
            format: HEAD_FORMAT,
            org,
            first: 1,
            latest: head.sequence,
            sequence: head.sequence,
            hash: head.hash,
            at,
            key_id,
            signature: String::new(),
        }
    }

    /// The same of an export that begins with the entry `first`, in a journal that goes on to `latest`.
    #[must_use]
    pub fn of_part(self, first: u64, latest: u64) -> Self {
        Self { first, latest, ..self }
    }

    /// The head with the signature (DER) of [`SignedHead::signed_text`].
    #[must_use]
    pub fn signed(self, signature: &[u8]) -> Self {
        let signature = STANDARD.encode(signature);
        Self { signature, ..self }
    }

    /// What is signed: the head's canonical JSON without the member `signature`.
    pub fn signed_text(&self) -> String {
        let mut members = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = members.as_object_mut() {
            members.remove("signature");
        }
        canonical::text(&members)
    }

    /// The head as the last line of an export: canonical JSON.
    pub fn line(&self) -> String {
        canonical::text(&serde_json::to_value(self).unwrap_or_default())
    }
}

impl PublicKey {
    /// A key of that name from its DER (`SubjectPublicKeyInfo`).
    pub fn new(key_id: String, der: &[u8]) -> Self {
        let base64 = STANDARD.encode(der);
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let public_key = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        );
        Self {
            key_id,
            algorithm: "ECDSA_SHA_256".to_owned(),
            public_key,
        }
    }
}

impl KeyRing {
    /// These keys.
    pub fn new(keys: &[PublicKey]) -> Result<Self, BadKey> {
        let read = |key: &PublicKey| Ok((Some(key.key_id.clone()), der(&key.public_key)?));
        keys.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// A file's keys: PEM, or the answer of `GET /v1/journal-keys`.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        #[derive(Deserialize)]
        struct Keys {
            items: Vec<PublicKey>,
        }
        match serde_json::from_str::<Keys>(text) {
            Ok(keys) => Self::new(&keys.items),
            Err(_) => Ok(Self(vec![(None, der(text)?)])),
        }
    }

    /// Whether one of the keys signed the head.
    pub fn signed(&self, head: &SignedHead) -> bool {
        let (text, signature) = (head.signed_text(), STANDARD.decode(&head.signature));
        let named = |name: &Option<String>| name.as_ref().is_none_or(|name| *name == head.key_id);
        self.0.iter().filter(|(name, _)| named(name)).any(|(_, der)| {
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der);
            matches!(&signature, Ok(signature) if key.verify(text.as_bytes(), signature).is_ok())
        })
    }
}

fn der(pem: &str) -> Result<Vec<u8>, BadKey> {
    let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----").ok_or(BadKey)?;
    let body = body.strip_suffix("-----END PUBLIC KEY-----").ok_or(BadKey)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).map_err(|_| BadKey)
}
