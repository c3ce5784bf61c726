//! The message that carries an upload to the ingest worker.

use super::SignedTaskId;
use crate::{DeviceId, OrgId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The message that carries an accepted upload to the ingest worker. It is the acceptance: there is no row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadMessage {
    /// The upload's task.
    pub task: SignedTaskId,
    /// The organisation.
    pub org: OrgId,
    /// The device the readings are of.
    pub device: DeviceId,
    /// How many readings and events are in it, as its sender was told.
    pub count: u64,
    /// What the body is.
    pub content: UploadContent,
    /// The body.
    pub body: UploadBody,
    /// How many stream filters its readings have come through: 0 for what somebody sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub derived: u8,
}

/// What an upload's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UploadContent {
    /// Readings, already checked, as the telemetry function packs them.
    Readings,
    /// A streamer report, signature and envelope already checked.
    Report {
        /// How it is written.
        format: ReportFormat,
        /// When the gateway in the field received it.
        received_at: Timestamp,
    },
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// The devices' own signed format.
    Binary,
    /// JSON, `format: "v100"`.
    Json,
    /// MessagePack, `format: "v100"`.
    Messagepack,
}

/// Where an upload's body is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadBody {
    /// In the message, in base 64.
    Inline(String),
    /// In the storage bucket, under this key.
    Object(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}
