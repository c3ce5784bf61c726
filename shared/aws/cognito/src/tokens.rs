//! The tokens of a sign-in, and what they say of it.

use crate::CognitoError;
use crate::error::incomplete;
use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UserId;
use domain::text::{Email, Name};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// The tokens of a sign-in. `Debug` shows none of them.
pub struct Tokens {
    /// Sent with each request.
    pub access: String,
    /// Gets further access tokens; none when the one used for this stays the one to use.
    pub refresh: Option<String>,
    /// How long the access token is good.
    pub lifetime: Duration,
    /// The sign-in that the tokens descend from (`origin_jti`): what signing out ends.
    pub session: String,
    /// When that was, in seconds since the epoch.
    pub signed_in_at: i64,
    /// Whose they are.
    pub profile: Profile,
}

/// A person, as Cognito knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Their id, from `sub`.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// Whether they have proved that it is theirs. Somebody who talks to Cognito around the API can have it hold another's, unproved.
    pub email_verified: bool,
    /// Their name; none where it was set around the API to one that is no name.
    pub name: Option<Name>,
}

#[derive(Deserialize)]
struct AccessClaims {
    origin_jti: String,
    auth_time: i64,
}

#[derive(Deserialize)]
struct IdClaims {
    sub: String,
    email: String,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    name: String,
}

impl Tokens {
    pub(crate) fn from_result(result: AuthenticationResultType) -> Result<Self, CognitoError> {
        let access = result.access_token.ok_or_else(|| incomplete("no access token came"))?;
        let id = result.id_token.ok_or_else(|| incomplete("no id token came"))?;
        let AccessClaims { origin_jti, auth_time } = claims(&access)?;
        Ok(Self {
            access,
            refresh: result.refresh_token,
            lifetime: Duration::from_secs(u64::try_from(result.expires_in).unwrap_or_default()),
            session: origin_jti,
            signed_in_at: auth_time,
            profile: claims::<IdClaims>(&id)?.try_into()?,
        })
    }
}

impl TryFrom<IdClaims> for Profile {
    type Error = CognitoError;

    fn try_from(claims: IdClaims) -> Result<Self, CognitoError> {
        Ok(Self {
            user: UserId::from_sub(&claims.sub).ok_or_else(|| incomplete("the sub is no UUID"))?,
            email: Email::parse(&claims.email).map_err(|_| incomplete("the email claim is no address"))?,
            email_verified: claims.email_verified,
            name: Name::parse(&claims.name).ok(),
        })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// A token's claims, unverified: only for tokens that came from Cognito itself, over its own connection.
fn claims<T: DeserializeOwned>(token: &str) -> Result<T, CognitoError> {
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| incomplete("a token from Cognito cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims))
    }

    fn result(access: &str, id: &str) -> AuthenticationResultType {
        AuthenticationResultType::builder()
            .access_token(token(access))
            .id_token(token(id))
            .expires_in(3600)
            .build()
    }

    #[test]
    fn tokens_tell_whose_they_are_and_are_not_shown() {
        let access = r#"{"origin_jti":"s-1","auth_time":1767323045}"#;
        let id = r#"{"sub":"c58f7e2e-c834-622d-b909-b7cd45fe0163","email":"ada@example.com","name":"Ada"}"#;
        let tokens = Tokens::from_result(result(access, id)).unwrap();
        assert_eq!((tokens.session.as_str(), tokens.signed_in_at), ("s-1", 1_767_323_045));
        assert_eq!(tokens.profile.email.as_str(), "ada@example.com");
        assert_eq!(tokens.profile.name.as_ref().map(Name::as_str), Some("Ada"));
        assert!(!tokens.profile.email_verified, "nobody says so");
        let verified = id.replace("\"name\"", "\"email_verified\":true,\"name\"");
        assert!(
            Tokens::from_result(result(access, &verified))
                .unwrap()
                .profile
                .email_verified
        );
        assert_eq!(format!("{tokens:?}"), "Tokens { lifetime: 3600s, .. }");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_a_failure() {
        let id = r#"{"sub":"c58f7e2e-c834-622d-b909-b7cd45fe0163","email":"ada@example.com"}"#;
        for (access, id) in [
            ("{}", "{}"),
            (r#"{"origin_jti":"s"}"#, id),
            (r#"{"origin_jti":"s","auth_time":1}"#, r#"{"sub":"x","email":"a@b.c"}"#),
        ] {
            let error = Tokens::from_result(result(access, id)).unwrap_err();
            assert!(matches!(error, CognitoError::Service(_)), "{error}");
        }
        assert!(Tokens::from_result(AuthenticationResultType::builder().build()).is_err());
    }
}
