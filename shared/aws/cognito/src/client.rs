//! The pool, its app client, and the hash by which the client proves its secret.

use crate::error::{CognitoError, refused};
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ServiceError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A user pool as its confidential app client sees it.
#[derive(Clone)]
pub struct UserPool {
    pub(crate) client: Client,
    pub(crate) pool: String,
    pub(crate) app: String,
    secret: Arc<OnceCell<Secret>>,
}

/// The app client's secret. Not `Debug`, so that no log shows it.
struct Secret(String);

impl UserPool {
    /// The pool and the app client of these ids.
    pub fn new(aws: &SdkConfig, pool: String, app: String) -> Self {
        Self {
            client: Client::new(aws),
            pool,
            app,
            secret: Arc::default(),
        }
    }

    /// The app client's secret: asked for once in the life of the process.
    pub(crate) async fn secret(&self) -> Result<&str, CognitoError> {
        let ask = async || {
            let call = self
                .client
                .describe_user_pool_client()
                .user_pool_id(&self.pool)
                .client_id(&self.app);
            let secret = call
                .send()
                .await
                .map_err(refused)?
                .user_pool_client
                .and_then(|app| app.client_secret);
            let missing = || ServiceError::Failed("the app client has no secret".to_owned());
            secret.map(Secret).ok_or_else(|| CognitoError::Service(missing()))
        };
        self.secret.get_or_try_init(ask).await.map(|secret| secret.0.as_str())
    }

    /// `SECRET_HASH`: HMAC-SHA256 of user name and client id under the secret (AWS "Computing secret hash values").
    pub(crate) async fn secret_hash(&self, username: &str) -> Result<String, CognitoError> {
        let secret = self.secret().await?;
        let invalid = |_| ServiceError::Failed("the app client's secret is no key".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(invalid)?;
        mac.update(username.as_bytes());
        mac.update(self.app.as_bytes());
        Ok(STANDARD.encode(mac.finalize().into_bytes()))
    }
}
