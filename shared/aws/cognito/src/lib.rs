//! Cognito: people's addresses and passwords, and the tokens that sign-in gives.
//!
//! The only crate that names `aws-sdk-cognitoidentityprovider`. Who may enter which organisation is not Cognito's affair: see the
//! directory. To add a call: a method in the file of its like (`sign_up.rs`, `sessions.rs`, `federation.rs`, `passwords.rs`, `mfa.rs`), and a line in `error.rs`
//! for each answer that a caller can tell apart.

mod client_secret;
mod error;
mod federation;
mod mfa;
mod passwords;
mod sessions;
mod sign_up;
mod tokens;

pub use error::CognitoError;
pub use federation::{ProviderTokens, SignInPages};
pub use mfa::{CHALLENGE_KEPT, Challenge};
pub use sessions::SignIn;
pub use tokens::{Profile, Tokens};

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use client_secret::ClientSecret;
use domain::seal::Sealer;
use domain::text::Email;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A user pool, by way of the app client that the system signs people in with.
#[derive(Clone)]
pub struct UserPool {
    client: Client,
    pool: String,
    client_id: String,
    /// Read once, at the first call that needs it: what only serves open routes never asks for it.
    secret: Arc<OnceCell<ClientSecret>>,
}

impl UserPool {
    /// The pool and the app client of these ids.
    pub fn new(aws: &SdkConfig, pool: String, client_id: String) -> Self {
        Self {
            client: Client::new(aws),
            pool,
            client_id,
            secret: Arc::default(),
        }
    }

    async fn secret(&self) -> Result<&ClientSecret, CognitoError> {
        self.secret.get_or_try_init(|| self.read_secret()).await
    }

    async fn read_secret(&self) -> Result<ClientSecret, CognitoError> {
        let call = self.client.describe_user_pool_client();
        let call = call.user_pool_id(&self.pool).client_id(&self.client_id);
        let answer = call.send().await.map_err(error::failed)?;
        let secret = answer.user_pool_client.and_then(|client| client.client_secret);
        secret
            .map(ClientSecret::new)
            .ok_or_else(|| error::incomplete("the app client has no secret"))
    }

    /// Seals what clients keep for us. The key follows from the app client's secret: with that gone, what is sealed is worth nothing to
    /// Cognito either.
    pub async fn sealer(&self) -> Result<Sealer, CognitoError> {
        let key = self.secret().await?.derive("millwright/seal/1");
        Sealer::new(key).map_err(|error| error::incomplete(&error.to_string()))
    }

    /// Proves to Cognito, in a call about one address, that the call is ours.
    async fn proof(&self, email: &Email) -> Result<String, CognitoError> {
        Ok(self.secret().await?.hash(email.as_str(), &self.client_id))
    }
}
