//! Id tokens: who signed in, as Cognito tells the client that asked (OpenID Connect Core section 3.1.3.7).

use crate::jwt::{Claims, TokenFault, Unverified};
use crate::{FetchKeys, KeyFault, KeySet};
use domain::UserId;
use jiff::Timestamp;
use serde_json::Value;

/// What an id token must say of where it comes from and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRules {
    /// The user pool that must have issued it, as it spells itself in `iss`.
    pub issuer: String,
    /// The client that it must be for.
    pub client: String,
}

/// What is wrong with an id token. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// It cannot be read, is not genuine, or not of this time.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// Its key is not to be had.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// It is not for us, or not of this sign-in.
    #[error("not what was asked for: {0}")]
    Foreign(&'static str),
    /// It lacks what it must say.
    #[error("without {0}")]
    Incomplete(&'static str),
}

/// Who signed in through an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdToken {
    /// Their id, from `sub`.
    pub user: UserId,
    /// What Cognito calls them: the provider's name and their name there.
    pub username: String,
    /// The identity provider.
    pub provider: String,
    /// Their address, as the provider tells it.
    pub email: Option<String>,
    /// Whether the provider says that it has seen them read mail there.
    pub email_verified: bool,
    /// Their name, where the provider tells one.
    pub name: Option<String>,
    /// Their groups, in the one text that Cognito makes of them.
    pub groups: Option<String>,
}

impl IdToken {
    /// Takes the id token of one sign-in: genuine, of this time, of this pool, for this client, and with the nonce that was sent along.
    pub async fn verify<F: FetchKeys>(
        token: &str,
        keys: &KeySet<F>,
        rules: &IdRules,
        (nonce, now): (&str, Timestamp),
    ) -> Result<Self, IdFault> {
        let token = Unverified::parse(token)?;
        let key = keys.key(token.kid()).await?;
        let claims = token.verify(&key)?;
        let asked_for = [
            ("iss", rules.issuer.as_str()),
            ("aud", rules.client.as_str()),
            ("token_use", "id"),
            ("nonce", nonce),
        ];
        if let Some((name, _)) = asked_for.iter().find(|(name, expected)| !claims.says(name, expected)) {
            return Err(IdFault::Foreign(name));
        }
        claims.check_times(now)?;
        Self::of(&claims)
    }

    fn of(claims: &Claims) -> Result<Self, IdFault> {
        let user = claims.text("sub").and_then(UserId::from_sub);
        let username = claims.text("cognito:username");
        // Cognito names the provider in `identities`, and people of its own have none (Cognito Developer Guide, "Understanding the ID token").
        let provider = claims.get("identities").and_then(|all| all[0]["providerName"].as_str());
        let text = |name| claims.text(name).map(str::to_owned);
        Ok(Self {
            user: user.ok_or(IdFault::Incomplete("a sub that is a UUID"))?,
            username: username.ok_or(IdFault::Incomplete("a user name"))?.to_owned(),
            provider: provider.ok_or(IdFault::Incomplete("an identity provider"))?.to_owned(),
            email: text("email"),
            email_verified: claims.get("email_verified").is_some_and(is_true),
            name: text("name"),
            groups: text("custom:groups"),
        })
    }
}

/// Cognito spells the claim as a boolean for its own attribute, and as a text where a mapping made it one.
fn is_true(value: &Value) -> bool {
    value == true || value == "true"
}

#[cfg(test)]
mod tests;
