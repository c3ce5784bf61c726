//! Signing in through identity providers: OpenID Connect and SAML, by way of Cognito.
//!
//! Whoever signs in keeps a ticket; all that travels are hashes of it ([`domain::federation::Attempt`]). So a code counts only with the state it
//! came with, the verifier of its challenge and the ticket of whoever began, and once. Who comes back is known by what their provider calls
//! them, never by an address alone: an account with a password is not theirs because its address is (`person.rs`).

pub mod finish;
pub mod list;
mod person;
pub mod start;

use crate::App;
use aws_cognito::{SignInPages, UserPool};
use aws_tokens::{HttpKeys, IdRules, KeySet};
use domain::federation::{ProviderKind, ProviderName, ReturnUrl};
use http_api::Problem;
use lambda::{Start, env};

/// What marks a refresh token as one of a sign-in through a provider: Cognito refreshes it by way of another client.
pub const MARK: &str = "idp.";

/// Signing in through identity providers, as this deployment has it.
pub struct Federation {
    /// The pool, by way of the client of such sign-ins.
    pub pool: UserPool,
    /// The pool's own pages.
    pub pages: SignInPages,
    /// The keys that id tokens are signed with.
    pub keys: KeySet<HttpKeys>,
    /// Whose id tokens are taken.
    pub rules: IdRules,
    /// The providers.
    pub providers: Vec<Provider>,
    /// Where browsers may come back to.
    pub return_urls: Vec<ReturnUrl>,
    /// Whether the providers vouch for every address they tell, or only for those that they say are verified.
    pub vouches_for_all: bool,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name.
    pub name: ProviderName,
    /// How it is spoken to.
    pub kind: ProviderKind,
}

impl Federation {
    /// Reads what the template says; none where it names no provider.
    pub fn from_env(start: &Start) -> Result<Option<Self>, lambda::Error> {
        let Ok(client) = env("FEDERATION_CLIENT_ID") else {
            return Ok(None);
        };
        let named = [
            ("OIDC_PROVIDER", ProviderKind::Oidc),
            ("SAML_PROVIDER", ProviderKind::Saml),
        ];
        let named = named.iter().filter_map(|(name, kind)| Some((env(name).ok()?, *kind)));
        let providers = named.map(|(name, kind)| {
            Ok(Provider {
                name: ProviderName::parse(&name)?,
                kind,
            })
        });
        let return_urls = env("FEDERATION_RETURN_URLS")?;
        Ok(Some(Self {
            pool: UserPool::new(&start.aws, env("USER_POOL_ID")?, client.clone()),
            pages: SignInPages::new(&env("FEDERATION_URL")?, start.connector.clone())?,
            keys: KeySet::new(
                HttpKeys::new(&env("JWKS_URL")?, start.connector.clone())?,
                start.source.clone(),
            ),
            rules: IdRules {
                issuer: env("TOKEN_ISSUER")?,
                client,
            },
            providers: providers.collect::<Result<_, lambda::Error>>()?,
            return_urls: return_urls.split(',').map(ReturnUrl::parse).collect::<Result<_, _>>()?,
            vouches_for_all: env("FEDERATION_ADDRESSES")? == "all",
        }))
    }
}

impl App {
    /// Signing in through providers, where there is any.
    fn federation(&self) -> Result<&Federation, Problem> {
        self.federation
            .as_deref()
            .ok_or_else(|| Problem::not_found("identity provider"))
    }

    /// The client that a refresh token is of, and the token as Cognito knows it; none where the deployment has no such client.
    pub fn client_of<'a>(&self, refresh_token: &'a str) -> Option<(&UserPool, &'a str)> {
        match refresh_token.strip_prefix(MARK) {
            Some(token) => self.federation.as_deref().map(|federation| (&federation.pool, token)),
            None => Some((&self.pool, refresh_token)),
        }
    }
}
