//! Handing an upload over to the ingest worker: the moment it is accepted.

use crate::App;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::task::{UploadBody, UploadContent, UploadMessage, task_path};
use domain::{DeviceId, OrgId, ServiceError};
use http_api::{Accepted, Problem};
use serde::Serialize;
use std::time::Duration;

/// Longest message: 256 KiB less what the dead-letter queue adds to it (a reason and the name of the queue).
const MAX_MESSAGE_BYTES: usize = 256 * 1024 - 1024;
/// When a sender may try again after the queue or the bucket failed.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// An upload that has been checked.
pub struct Upload {
    pub org: OrgId,
    pub device: DeviceId,
    /// Readings and events in it.
    pub count: usize,
    /// Values in it that no stream keeps.
    pub skipped: u64,
    pub content: UploadContent,
    pub body: Vec<u8>,
    /// What it must stay in order with; none for what may overtake.
    pub group: Option<String>,
}

/// An upload that was accepted.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UploadView {
    /// Its task: ask after it under `/v1/orgs/{org}/tasks/{task}` for 30 days.
    #[schema(example = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC-4D2Q8R7T0A1B2C3D4E5F6G7H8J")]
    task: String,
    /// How many readings and events are in it.
    count: u64,
    /// How many of its values are texts, which no stream keeps; left out where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u64>,
}

/// Sends an upload on its way. When this fails nothing was accepted: an object that no message names is not an upload, and goes by
/// itself after some days.
pub async fn hand_over(app: &App, upload: Upload) -> Result<Accepted<UploadView>, Problem> {
    let Upload { org, device, .. } = upload;
    let task = app.signer.sign(org, app.source.ulid());
    let count = u64::try_from(upload.count).unwrap_or(u64::MAX);
    let mut message = UploadMessage {
        task: task.clone(),
        org,
        device,
        count,
        content: upload.content,
        body: UploadBody::Inline(STANDARD.encode(&upload.body)),
        derived: 0,
    };
    let mut text = written(&message)?;
    if text.len() > MAX_MESSAGE_BYTES {
        let key = format!("uploads/{org}/{task}");
        app.storage
            .put(&key, upload.body, "application/octet-stream")
            .await
            .map_err(down)?;
        message.body = UploadBody::Object(key);
        text = written(&message)?;
    }
    let sent = match upload.group {
        Some(group) => {
            let dedup = task.ulid().to_string();
            app.reports.send_fifo(text, &group, &dedup).await
        }
        None => app.readings.send_text(text, Duration::ZERO).await,
    };
    sent.map_err(down)?;
    let body = UploadView {
        task: task.to_string(),
        count,
        skipped: Some(upload.skipped).filter(|skipped| *skipped > 0),
    };
    Ok(Accepted {
        location: task_path(org, &task),
        body,
    })
}

fn written(message: &UploadMessage) -> Result<String, Problem> {
    serde_json::to_string(message).map_err(Problem::internal)
}

/// Whatever it was that failed: the sender still holds the upload and can send it again.
fn down(error: ServiceError) -> Problem {
    Problem::unavailable(error, RETRY_AFTER)
}
