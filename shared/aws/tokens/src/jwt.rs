//! JWTs that Cognito signs with RS256 (Cognito Developer Guide, "Verifying JSON web tokens").
//!
//! The library does the cryptography. Reading is done here, because it must be stricter than the library's and by the caller's clock.

use crate::json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

/// Longest token that is looked at: Cognito's are about 1 KB, and API Gateway takes headers of 10 KB in all.
const LONGEST_TOKEN: usize = 8 * 1024;

/// What is wrong with a token, whoever it is for. For the log: its sender learns only that it will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TokenFault {
    #[error("a token longer than any that is issued")]
    TooLong,
    #[error("not three parts of unpadded base64url")]
    Parts,
    #[error("not a JSON object of distinct members")]
    Json,
    #[error("signed with an algorithm other than RS256, or with critical extensions")]
    Header,
    #[error("the signature does not fit")]
    Signature,
    #[error("expired, or without a time of expiry")]
    Expired,
    #[error("not valid yet")]
    NotYet,
}

/// A token whose signature nobody has checked yet.
pub struct Unverified<'a> {
    kid: String,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// What a genuine token says.
pub struct Claims(Map<String, Value>);

impl<'a> Unverified<'a> {
    /// Reads as much of a token as tells the key it claims to be signed with.
    pub fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenFault::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenFault::Parts)?;
        let (header, payload) = message.split_once('.').ok_or(TokenFault::Parts)?;
        // All three now: a fourth part, or padding, must not wait for the signature to be found out.
        decode(payload)?;
        decode(signature)?;
        let header = Claims(members(header)?);
        // `b64` changes what is signed (RFC 7797); a signer that uses it must say so in `crit`, and one that does not must not be believed.
        let plain = header.get("crit").is_none() && header.get("b64").is_none();
        let plain = plain && header.get("typ").is_none_or(Value::is_string);
        if header.text("alg") != Some("RS256") || !plain {
            return Err(TokenFault::Header);
        }
        let kid = header.text("kid").ok_or(TokenFault::Header)?.to_owned();
        Ok(Self {
            kid,
            message,
            payload,
            signature,
        })
    }

    /// The id of the key that the token claims to be signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks the signature; only then is what the token says worth reading.
    pub fn verify(self, key: &DecodingKey) -> Result<Claims, TokenFault> {
        let genuine = crypto::verify(self.signature, self.message.as_bytes(), key, Algorithm::RS256);
        match genuine {
            Ok(true) => members(self.payload).map(Claims),
            _ => Err(TokenFault::Signature),
        }
    }
}

impl Claims {
    /// A claim, whatever it is.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Whether a claim is exactly this text.
    pub fn says(&self, name: &str, expected: &str) -> bool {
        self.text(name) == Some(expected)
    }

    /// `exp` is the first second at which the token no longer counts, `nbf` the first at which it does (RFC 7519 section 4.1).
    pub fn check_times(&self, now: Timestamp) -> Result<(), TokenFault> {
        let now = now.as_second();
        let expires = self.get("exp").and_then(Value::as_i64).ok_or(TokenFault::Expired)?;
        if now >= expires {
            return Err(TokenFault::Expired);
        }
        match self.get("nbf").map(Value::as_i64) {
            None => Ok(()),
            Some(Some(begins)) if now >= begins => Ok(()),
            Some(_) => Err(TokenFault::NotYet),
        }
    }
}

fn members(part: &str) -> Result<Map<String, Value>, TokenFault> {
    json::object(&decode(part)?).ok_or(TokenFault::Json)
}

/// Takes the one spelling of base64url that RFC 7515 allows: no padding, no left-over bits.
fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Parts)
}
