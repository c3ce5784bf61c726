//! KMS: signing journals' heads with a key that nobody holds, and telling its public half.
//!
//! The only crate that names `aws-sdk-kms`. A key is rotated by naming a new one before the old: the first signs, all of them are told, so that
//! what was signed before can be checked for as long as the old one is named.

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use domain::ServiceError;
use domain::journal::{PublicKey, SignedHead};

/// The keys of a deployment (`ECC_NIST_P256`, for signing).
#[derive(Clone)]
pub struct JournalKeys {
    client: Client,
    present: String,
    past: Vec<String>,
}

impl JournalKeys {
    /// The keys of these ids, with spaces between: the one that signs, then those that did before.
    pub fn new(aws: &SdkConfig, ids: &str) -> Self {
        let mut ids = ids.split_whitespace().map(str::to_owned);
        Self {
            client: Client::new(aws),
            present: ids.next().unwrap_or_default(),
            past: ids.collect(),
        }
    }

    /// The name of the key that signs.
    pub fn present(&self) -> &str {
        &self.present
    }

    /// Signs a head that names the present key: ECDSA over P-256 with SHA-256 of its text, which is well below the 4,096 bytes that KMS takes.
    pub async fn sign(&self, head: SignedHead) -> Result<SignedHead, ServiceError> {
        let call = self.client.sign().key_id(&self.present).message_type(MessageType::Raw);
        let call = call.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let answer = call
            .message(Blob::new(head.signed_text()))
            .send()
            .await
            .map_err(failed)?;
        let signature = answer.signature.ok_or_else(|| nothing("signature"))?;
        Ok(head.signed(signature.as_ref()))
    }

    /// The public halves of all of them.
    pub async fn public(&self) -> Result<Vec<PublicKey>, ServiceError> {
        let mut keys = Vec::new();
        for id in std::iter::once(&self.present).chain(&self.past) {
            let answer = self.client.get_public_key().key_id(id).send().await.map_err(failed)?;
            let der = answer.public_key.ok_or_else(|| nothing("public key"))?;
            keys.push(PublicKey::new(id.clone(), der.as_ref()));
        }
        Ok(keys)
    }
}

fn nothing(what: &str) -> ServiceError {
    ServiceError::Failed(format!("KMS answered without a {what}"))
}
