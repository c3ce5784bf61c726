//! Secrets Manager: reading a secret once, at the start of a function or when it is first needed.
//!
//! The only crate that names `aws-sdk-secretsmanager`.

mod sealing;

pub use sealing::Sealing;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use domain::ServiceError;
use std::fmt;

/// A secret in clear; `Debug` does not show it.
pub struct Secret(String);

impl Secret {
    /// The secret's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Reads the present value of a secret.
pub async fn read(aws: &SdkConfig, arn: &str) -> Result<Secret, ServiceError> {
    let answer = Client::new(aws).get_secret_value().secret_id(arn).send().await;
    // Not the debug form: it holds the answer.
    let answer =
        answer.map_err(|error| ServiceError::of(error.code(), error.message().unwrap_or("it cannot be read")))?;
    answer
        .secret_string
        .map(Secret)
        .ok_or_else(|| ServiceError::Failed(format!("{arn} holds no text")))
}
