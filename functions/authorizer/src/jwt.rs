//! Access tokens: what a genuine token must say to be one of ours (Cognito Developer Guide, "Understanding the access token").

use crate::refusal::Reason;
use aws_tokens::{Claims, TokenFault, Unverified};
use domain::UserId;
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use serde_json::Value;

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
    /// The clients that they may have been issued to: that of passwords, and that of identity providers where there are any.
    pub clients: Vec<String>,
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

/// Checks the signature first, then what the token says.
pub(crate) fn check(
    token: Unverified<'_>,
    key: &DecodingKey,
    rules: &TokenRules,
    now: Timestamp,
) -> Result<SignedIn, Reason> {
    let claims = token.verify(key)?;
    if !claims.says("iss", &rules.issuer) {
        return Err(Reason::Issuer);
    }
    if !rules.clients.iter().any(|client| claims.says("client_id", client)) {
        return Err(Reason::Client);
    }
    if !claims.says("token_use", "access") {
        return Err(Reason::TokenUse);
    }
    claims.check_times(now)?;
    let user = claims.text("sub").and_then(UserId::from_sub).ok_or(Reason::Subject)?;
    let session = claims.text("origin_jti").filter(|session| is_session(session));
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

/// Whether the token names the group of the staff. Without the claim its owner is in no group.
fn is_staff(claims: &Claims) -> Result<bool, Reason> {
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

impl From<TokenFault> for Reason {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::TooLong => Self::TokenTooLong,
            TokenFault::Parts => Self::TokenParts,
            TokenFault::Json => Self::TokenJson,
            TokenFault::Header => Self::TokenHeader,
            TokenFault::Signature => Self::Signature,
            TokenFault::Expired => Self::Expired,
            TokenFault::NotYet => Self::NotYet,
        }
    }
}
