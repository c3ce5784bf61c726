//! Signing in at an identity provider, by way of the pool's own pages (Amazon Cognito Developer Guide, "User pool endpoints and managed login").

use crate::error::incomplete;
use crate::{CognitoError, UserPool};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_tokens::{UrlError, Web, WebAnswer};
use domain::ServiceError;
use domain::federation::{Attempt, ProviderName, ReturnUrl};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// What is asked for: with `openid` alone the id token holds every attribute, the groups among them; a second scope would narrow it.
const SCOPE: &str = "openid";

/// Where the pool's pages are.
#[derive(Debug, Clone)]
pub struct SignInPages {
    base: String,
    token: Web,
}

/// The tokens of a sign-in at a provider, unread. `Debug` shows none of them.
#[derive(Deserialize)]
pub struct ProviderTokens {
    /// Sent with each request.
    #[serde(rename = "access_token")]
    pub access: String,
    /// Who signed in.
    #[serde(rename = "id_token")]
    pub id: String,
    /// Gets further access tokens.
    #[serde(rename = "refresh_token")]
    pub refresh: String,
    /// How long the access token is good, in seconds.
    #[serde(rename = "expires_in")]
    lifetime: u64,
}

/// An answer of the token endpoint that refuses (RFC 6749 section 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl SignInPages {
    /// The pages of the pool's domain, as in `https://acme.auth.eu-west-1.amazoncognito.com`, over the connections of the function.
    pub fn new(base: &str, connector: SharedHttpConnector) -> Result<Self, UrlError> {
        let base = base.trim_end_matches('/');
        Ok(Self {
            base: base.to_owned(),
            token: Web::new(&format!("{base}/oauth2/token"), connector)?,
        })
    }
}

impl ProviderTokens {
    /// How long the access token is good.
    pub fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime)
    }
}

impl fmt::Debug for ProviderTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderTokens")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl UserPool {
    /// Where the browser goes to sign in at a provider.
    pub fn authorization_url(
        &self,
        pages: &SignInPages,
        provider: &ProviderName,
        back_to: &ReturnUrl,
        attempt: &Attempt,
    ) -> String {
        let query = form(&[
            ("identity_provider", provider.as_str()),
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", back_to.as_str()),
            ("scope", SCOPE),
            ("state", &attempt.state()),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &attempt.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        format!("{}/oauth2/authorize?{query}", pages.base)
    }

    /// Exchanges the code that the browser brought back, with the client's secret and the proof that the code is ours.
    pub async fn exchange(
        &self,
        pages: &SignInPages,
        code: &str,
        back_to: &ReturnUrl,
        attempt: &Attempt,
    ) -> Result<ProviderTokens, CognitoError> {
        let form = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back_to.as_str()),
            ("code_verifier", &attempt.verifier()),
        ]);
        let secret = self.secret().await?;
        let answer = pages.token.post((&self.client_id, secret.reveal()), form).await;
        read(&answer.map_err(|cause| ServiceError::Busy(format!("the token endpoint: {cause}")))?)
    }
}

/// `invalid_grant` is the code's fault; any other refusal is of us.
fn read(answer: &WebAnswer) -> Result<ProviderTokens, CognitoError> {
    let refused = || {
        serde_json::from_slice::<Refused>(&answer.body)
            .map(|refused| refused.error)
            .ok()
    };
    match answer.status {
        200 => {
            serde_json::from_slice(&answer.body).map_err(|_| incomplete("the token endpoint's answer cannot be read"))
        }
        429 | 500..=599 => Err(ServiceError::Busy(format!("the token endpoint answers {}", answer.status)).into()),
        400 if refused().as_deref() == Some("invalid_grant") => Err(CognitoError::WrongCode),
        status => {
            let error = refused().unwrap_or_default();
            Err(ServiceError::Failed(format!("the token endpoint answers {status} {error}")).into())
        }
    }
}

/// A form, or an address's query: each value with every byte escaped that is not plain in both (RFC 3986 section 2.3).
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Result<ProviderTokens, CognitoError> {
        read(&WebAnswer {
            status,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn tokens_are_read_and_not_shown() {
        let body = r#"{"access_token":"a","id_token":"i","refresh_token":"r","token_type":"Bearer","expires_in":3600}"#;
        let tokens = answered(200, body).unwrap();
        assert_eq!((tokens.access.as_str(), tokens.lifetime().as_secs()), ("a", 3600));
        assert_eq!(format!("{tokens:?}"), "ProviderTokens { lifetime: 3600, .. }");
    }

    #[test]
    fn a_bad_code_is_told_from_what_is_our_fault() {
        assert_eq!(
            answered(400, r#"{"error":"invalid_grant"}"#).unwrap_err(),
            CognitoError::WrongCode
        );
        for (status, body) in [
            (400, r#"{"error":"invalid_client"}"#),
            (400, "nonsense"),
            (200, "{}"),
            (302, ""),
            (503, ""),
        ] {
            let error = answered(status, body).unwrap_err();
            assert!(matches!(error, CognitoError::Service(_)), "{status} {body}: {error}");
        }
        assert!(matches!(
            answered(429, ""),
            Err(CognitoError::Service(ServiceError::Busy(_)))
        ));
    }

    #[test]
    fn values_are_escaped_alike_in_forms_and_addresses() {
        assert_eq!(form(&[("a", "b c+&="), ("d", "é~")]), "a=b%20c%2B%26%3D&d=%C3%A9~");
    }
}
