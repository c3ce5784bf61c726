//! The bodies of uploads: in the message, or in the bucket.

use crate::App;
use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::task::{UploadBody, UploadMessage};

/// The bytes of an upload.
pub async fn fetch(app: &App, message: &UploadMessage) -> Result<Vec<u8>, Failure> {
    match &message.body {
        UploadBody::Inline(text) => STANDARD.decode(text).map_err(Failure::broken),
        UploadBody::Object(key) => {
            let body = app.storage.get(key).await?;
            body.ok_or_else(|| Failure::never("the upload is no longer kept: send it again"))
        }
    }
}

/// Deletes what lies in the bucket, once nothing needs it. Best effort: what stays goes by itself after some days.
pub async fn forget(app: &App, message: &UploadMessage) {
    if let UploadBody::Object(key) = &message.body
        && let Err(error) = app.storage.delete(key).await
    {
        tracing::warn!(key, %error, "an upload's body stays until it expires");
    }
}
