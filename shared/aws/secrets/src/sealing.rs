//! A sealer whose key follows from a secret, which is read when something is first sealed or opened.

use aws_config::SdkConfig;
use domain::ServiceError;
use domain::seal::Sealer;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Seals and opens texts of one kind. An environment reads the secret once.
#[derive(Clone)]
pub struct Sealing(Arc<Inner>);

struct Inner {
    aws: SdkConfig,
    secret: String,
    what: &'static str,
    sealer: OnceCell<Sealer>,
}

impl Sealing {
    /// Seals `what` with the key of the secret of that ARN.
    pub fn new(aws: &SdkConfig, secret: String, what: &'static str) -> Self {
        Self(Arc::new(Inner {
            aws: aws.clone(),
            secret,
            what,
            sealer: OnceCell::new(),
        }))
    }

    /// The sealer. [`ServiceError`]: the secret cannot be read now, or is none.
    pub async fn sealer(&self) -> Result<&Sealer, ServiceError> {
        let Inner {
            aws,
            secret,
            what,
            sealer,
        } = self.0.as_ref();
        let read = async || {
            let secret = crate::read(aws, secret).await?;
            Sealer::of_secret(secret.as_bytes(), what).map_err(|error| ServiceError::Failed(error.to_string()))
        };
        sealer.get_or_try_init(read).await
    }
}
