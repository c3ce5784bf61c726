//! Access tokens: JWTs that Cognito signs with RS256 (Cognito Developer Guide, "Verifying JSON web tokens").
//!
//! The library does the cryptography. Reading is done here, because it must be stricter than the library's and by the caller's clock.

use crate::json;
use crate::refusal::Reason;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UserId;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

/// Longest token that is looked at: Cognito's are about 1 KB, and API Gateway takes headers of 10 KB in all.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Longest session id that is taken; Cognito's are UUIDs of 36 characters.
const LONGEST_SESSION: usize = 128;
/// Most groups one person can be in (Cognito Developer Guide, "Quotas in Amazon Cognito").
const MOST_GROUPS: usize = 100;
/// Longest name of a group, in characters (Cognito API Reference, "CreateGroup").
const LONGEST_GROUP: usize = 128;
/// The group of those who run this deployment, as template.yaml names it.
const STAFF: &str = "staff";

/// Whose access tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// The user pool that must have issued them, as it spells itself in `iss`.
    pub issuer: String,
    /// The client that they must have been issued to.
    pub client: String,
}

/// A token whose signature nobody has checked yet.
pub(crate) struct Unverified<'a> {
    kid: String,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// Who signed in, and which sign-in the token descends from.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: UserId,
    pub(crate) session: String,
    /// When, in seconds since the epoch (OpenID Connect Core section 2, `auth_time`).
    pub(crate) at: i64,
    pub(crate) staff: bool,
}

impl<'a> Unverified<'a> {
    /// Reads as much of a token as tells the key it claims to be signed with.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Reason> {
        if token.len() > LONGEST_TOKEN {
            return Err(Reason::TokenTooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Reason::TokenParts)?;
        let (header, payload) = message.split_once('.').ok_or(Reason::TokenParts)?;
        // All three now: a fourth part, or padding, must not wait for the signature to be found out.
        decode(payload)?;
        decode(signature)?;
        let header = members(header)?;
        let plain = !header.contains_key("crit") && header.get("typ").is_none_or(Value::is_string);
        if text(&header, "alg") != Some("RS256") || !plain {
            return Err(Reason::TokenHeader);
        }
        let kid = text(&header, "kid").ok_or(Reason::TokenHeader)?.to_owned();
        Ok(Self {
            kid,
            message,
            payload,
            signature,
        })
    }

    /// The id of the key that the token claims to be signed with.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks the signature first, then what the token says.
    pub(crate) fn verify(self, key: &DecodingKey, rules: &TokenRules, now: Timestamp) -> Result<SignedIn, Reason> {
        let genuine = crypto::verify(self.signature, self.message.as_bytes(), key, Algorithm::RS256);
        if !genuine.unwrap_or(false) {
            return Err(Reason::Signature);
        }
        let claims = members(self.payload)?;
        let says = |name, expected: &str| text(&claims, name) == Some(expected);
        if !says("iss", &rules.issuer) {
            return Err(Reason::Issuer);
        }
        if !says("client_id", &rules.client) {
            return Err(Reason::Client);
        }
        if !says("token_use", "access") {
            return Err(Reason::TokenUse);
        }
        check_times(&claims, now.as_second())?;
        let user = text(&claims, "sub").and_then(UserId::from_sub).ok_or(Reason::Subject)?;
        let session = text(&claims, "origin_jti").filter(|session| is_session(session));
        Ok(SignedIn {
            user,
            session: session.ok_or(Reason::Session)?.to_owned(),
            at: claims
                .get("auth_time")
                .and_then(Value::as_i64)
                .ok_or(Reason::SignInTime)?,
            staff: is_staff(&claims)?,
        })
    }
}

/// `exp` is the first second at which the token no longer counts, `nbf` the first at which it does (RFC 7519 section 4.1).
fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), Reason> {
    let expires = claims.get("exp").and_then(Value::as_i64).ok_or(Reason::Expired)?;
    if now >= expires {
        return Err(Reason::Expired);
    }
    match claims.get("nbf").map(Value::as_i64) {
        None => Ok(()),
        Some(Some(begins)) if now >= begins => Ok(()),
        Some(_) => Err(Reason::NotYet),
    }
}

/// Whether the token names the group of the staff. Without the claim its owner is in no group.
fn is_staff(claims: &Map<String, Value>) -> Result<bool, Reason> {
    let Some(claim) = claims.get("cognito:groups") else {
        return Ok(false);
    };
    let groups = claim.as_array().filter(|groups| groups.len() <= MOST_GROUPS);
    let names: Option<Vec<_>> = groups.and_then(|groups| groups.iter().map(Value::as_str).collect());
    let fits = |name: &&str| (1..=LONGEST_GROUP).contains(&name.chars().count());
    let names = names.filter(|names| names.iter().all(fits));
    Ok(names.ok_or(Reason::Groups)?.contains(&STAFF))
}

/// A session id becomes part of a key in the directory: short, and of characters that mean nothing there.
fn is_session(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST_SESSION).contains(&text.len()) && text.bytes().all(plain)
}

fn members(part: &str) -> Result<Map<String, Value>, Reason> {
    json::object(&decode(part)?).ok_or(Reason::TokenJson)
}

/// Takes the one spelling of base64url that RFC 7515 allows: no padding, no left-over bits.
fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::TokenParts)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}
