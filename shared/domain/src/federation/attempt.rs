//! One sign-in through an identity provider, from its start to the browser's return.

use super::ProviderName;
use crate::Source;
use crate::credential::{Token, TokenError, TokenKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// How long whoever signs in may take at the provider.
pub const SIGN_IN_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Longest address to return to, in bytes.
const URL_BYTES: usize = 1024;

/// Where the browser is sent when the provider is done: an absolute `https` address, or `http` on the machine itself (RFC 8252 section 7.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "uri", max_length = 1024)]
pub struct ReturnUrl(String);

/// A text that is no address to return to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an https address (http on localhost) of at most 1024 ASCII characters, without a fragment")]
pub struct ReturnUrlError;

/// A sign-in under way. All of it follows from one secret, the ticket, which whoever starts it keeps: what the provider and the browser's
/// address line see (state, nonce, challenge) are hashes of it, each for one purpose, and none leads back to it. So nobody who reads the
/// return address can finish the sign-in, and nothing that is stored could.
pub struct Attempt(Token);

impl Attempt {
    /// A new one.
    pub fn new(source: &Source) -> Self {
        Self(Token::sign_in(source))
    }

    /// The one whose ticket this is, if it has this state.
    pub fn resume(ticket: &str, state: &str) -> Result<Self, TokenError> {
        let attempt = Self(Token::parse(TokenKind::SignIn, ticket)?);
        let same: bool = attempt.state().as_bytes().ct_eq(state.as_bytes()).into();
        if same { Ok(attempt) } else { Err(TokenError) }
    }

    /// The secret, for whoever started it.
    pub fn ticket(&self) -> &str {
        self.0.reveal()
    }

    /// What comes back with the browser (RFC 6749 section 4.1.1).
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// What the id token must repeat (OpenID Connect Core section 3.1.2.1).
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What proves to the token endpoint that the code is ours (RFC 7636 section 4.1).
    pub fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// The verifier's hash, which goes ahead of it (RFC 7636 section 4.2, `S256`).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }

    /// 256 bits in 43 characters that are fit for an address.
    fn derived(&self, purpose: &str) -> String {
        let digest = Sha256::digest(format!("millwright sign-in {purpose}\n{}", self.0.reveal()).as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(..)")
    }
}

/// What is known of a sign-in under way: nothing that would help to finish it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Where they sign in.
    pub provider: ProviderName,
    /// Where they come back to.
    pub redirect_uri: ReturnUrl,
    /// Until when it can be finished (Unix seconds; DynamoDB time to live).
    pub expires_at: i64,
}

impl ReturnUrl {
    /// Takes an address as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, ReturnUrlError> {
        let printable = text.len() <= URL_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        let local = ["http://localhost", "http://127.0.0.1"].iter().any(|origin| {
            text.strip_prefix(origin)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        let web = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let fits = printable && !text.contains('#') && (local || web);
        fits.then(|| Self(text.to_owned())).ok_or(ReturnUrlError)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ReturnUrl {
    type Error = ReturnUrlError;
    fn try_from(text: String) -> Result<Self, ReturnUrlError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Random};

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
    }
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(9);
        }
    }

    #[test]
    fn an_attempt_is_resumed_by_its_ticket_with_its_own_state_alone() {
        let attempt = Attempt::new(&Source::new(Fixed, Fixed));
        let again = Attempt::resume(attempt.ticket(), &attempt.state()).unwrap();
        assert_eq!(again.verifier(), attempt.verifier());
        for state in ["", "x", &attempt.nonce(), &attempt.challenge()] {
            assert!(Attempt::resume(attempt.ticket(), state).is_err(), "{state}");
        }
        assert!(Attempt::resume(&attempt.state(), &attempt.state()).is_err());
    }

    #[test]
    fn what_an_attempt_shows_tells_nothing_of_what_it_hides() {
        let attempt = Attempt::new(&Source::new(Fixed, Fixed));
        let all = [
            attempt.state(),
            attempt.nonce(),
            attempt.verifier(),
            attempt.challenge(),
        ];
        for (n, text) in all.iter().enumerate() {
            // RFC 7636 section 4.1: 43 to 128 unreserved characters.
            assert_eq!(text.len(), 43);
            assert!(all.iter().skip(n + 1).all(|other| other != text));
        }
        assert_eq!(format!("{attempt:?}"), "Attempt(..)");
    }

    #[test]
    fn one_returns_to_a_place_on_the_web_or_on_ones_own_machine() {
        for good in [
            "https://app.example.com/callback?x=1",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
        ] {
            assert_eq!(ReturnUrl::parse(good).unwrap().as_str(), good);
        }
        for wrong in [
            "",
            "https://",
            "http://app.example.com/cb",
            "http://localhost.evil.example/cb",
            "https://app.example.com/#x",
            "https://app.example.com/a b",
            "javascript:alert(1)",
            &format!("https://{}", "a".repeat(1024)),
        ] {
            assert_eq!(ReturnUrl::parse(wrong), Err(ReturnUrlError), "{wrong}");
        }
    }
}
