//! Tasks: work handed to a worker, which its asker can see.
//!
//! Most tasks have a row and a [`TaskId`]; the message only points at it. Uploads have none: their message is the acceptance, and their
//! id is signed ([`SignedTaskId`]), so that nobody can ask after an upload that never was.

use crate::id::{Id, ULID_LENGTH, parse_ulid};
use crate::{DeviceId, OrgId, TaskId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{fmt, str::FromStr};
use subtle::ConstantTimeEq;
use ulid::Ulid;

/// How long what became of an upload can be asked after: 30 days.
pub const UPLOAD_OUTCOME_KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

/// A task that has failed this many times has failed for good.
pub const MAX_ATTEMPTS: u32 = 5;

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Waiting for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Done.
    Succeeded,
    /// Given up; `error` says why.
    Failed,
    /// Called off.
    Cancelled,
}

/// What a task with a row does. Each kind's job documents its idempotency and its retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskKind {
    /// Create an organisation's stack and open the organisation.
    #[serde(rename = "organization.create")]
    CreateOrganization,
    /// Delete an organisation's stack, storage and directory rows.
    #[serde(rename = "organization.delete")]
    DeleteOrganization,
}

impl TaskKind {
    /// The kind's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateOrganization => "organization.create",
            Self::DeleteOrganization => "organization.delete",
        }
    }
}

/// What an upload's task is called in the contract.
pub const UPLOAD_KIND: &str = "telemetry.upload";

/// A task's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The organisation it is for.
    pub org: OrgId,
    /// What it does.
    pub kind: TaskKind,
    /// Where it is.
    pub status: TaskStatus,
    /// Attempts begun and failed so far; planned waits do not count.
    pub attempts: u32,
    /// The latest failure, in words for its asker.
    pub error: Option<String>,
    /// Who asked: the id of a person or key.
    pub requested_by: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Task {
    /// A new task, waiting for a worker.
    pub fn queued(id: TaskId, org: OrgId, kind: TaskKind, requested_by: String, created_at: Timestamp) -> Self {
        let (status, attempts, error, finished_at) = (TaskStatus::Queued, 0, None, None);
        Self {
            id,
            org,
            kind,
            status,
            attempts,
            error,
            requested_by,
            created_at,
            finished_at,
        }
    }

    /// The task, ended: succeeded, or failed with the reason.
    #[must_use]
    pub fn ended(self, error: Option<String>, at: Timestamp) -> Self {
        let status = if error.is_some() {
            TaskStatus::Failed
        } else {
            TaskStatus::Succeeded
        };
        Self {
            status,
            error,
            finished_at: Some(at),
            ..self
        }
    }

    /// The task's path, for a `Location` header.
    pub fn path(&self) -> String {
        task_path(self.org, &self.id)
    }
}

/// The path of a task of either kind.
pub fn task_path(org: OrgId, id: &impl fmt::Display) -> String {
    format!("/v1/orgs/{org}/tasks/{id}")
}

/// The message that wakes a worker for a task with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TaskMessage {
    /// Work on a task.
    Task {
        /// The organisation it is for.
        org: OrgId,
        /// Which.
        task: TaskId,
        /// Whether this carries on an attempt that had to wait, rather than begins one.
        #[serde(default)]
        resumes: bool,
    },
    /// Write that the worker is alive: it proves the road from the schedule over the queue to the table.
    Heartbeat {
        /// When the schedule fired.
        sent_at: Timestamp,
    },
}

/// Proves that an upload's task id was given out by Millwright for that organisation.
#[derive(Clone)]
pub struct TaskSigner(Vec<u8>);

/// The id of an upload's task: `tsk_`, a ULID, a dash, and 130 bits of HMAC-SHA256 (RFC 2104) over organisation and ULID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTaskId {
    ulid: Ulid,
    tag: String,
}

impl TaskSigner {
    /// A signer with the stage's secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.to_vec())
    }

    /// Signs a new upload's id.
    pub fn sign(&self, org: OrgId, ulid: Ulid) -> SignedTaskId {
        SignedTaskId {
            ulid,
            tag: self.tag(org, ulid),
        }
    }

    /// Whether the id was signed here, for that organisation.
    pub fn verify(&self, org: OrgId, id: &SignedTaskId) -> bool {
        self.tag(org, id.ulid).as_bytes().ct_eq(id.tag.as_bytes()).into()
    }

    fn tag(&self, org: OrgId, ulid: Ulid) -> String {
        // HMAC takes keys of every length, so there is no error to meet here.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(&org.ulid().to_bytes());
        mac.update(&ulid.to_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (head, _) = digest.split_at(16);
        Ulid(head.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte))).to_string()
    }
}

impl SignedTaskId {
    /// When the upload was accepted, in milliseconds since the Unix epoch.
    pub fn accepted_ms(&self) -> u64 {
        self.ulid.timestamp_ms()
    }

    /// The id without its signature: the order of acceptance.
    pub fn ulid(&self) -> Ulid {
        self.ulid
    }
}

impl fmt::Display for SignedTaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}-{}", TaskId::PREFIX, self.ulid, self.tag)
    }
}

/// The id of a task of either kind, as a path carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskRef {
    /// A task with a row.
    Row(TaskId),
    /// An upload.
    Upload(SignedTaskId),
}

impl FromStr for TaskRef {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((row, tag)) = text.split_once('-') else {
            return text.parse().map(Self::Row);
        };
        let id: TaskId = row.parse()?;
        parse_ulid(tag)
            .filter(|_| tag.len() == ULID_LENGTH)
            .ok_or(crate::IdError { prefix: TaskId::PREFIX })?;
        Ok(Self::Upload(SignedTaskId {
            ulid: id.ulid(),
            tag: tag.to_owned(),
        }))
    }
}

impl FromStr for SignedTaskId {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse()? {
            TaskRef::Upload(id) => Ok(id),
            TaskRef::Row(_) => Err(crate::IdError { prefix: TaskId::PREFIX }),
        }
    }
}

impl Serialize for SignedTaskId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignedTaskId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uploads_id_is_good_for_its_organisation_alone() {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let other: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
        let signer = TaskSigner::new(b"secret");
        let id = signer.sign(org, Ulid::from_parts(1_767_323_045_000, 7));
        let read: SignedTaskId = id.to_string().parse().unwrap();
        assert_eq!(read, id);
        assert!(signer.verify(org, &read));
        assert!(!signer.verify(other, &read));
        assert!(!TaskSigner::new(b"another").verify(org, &read));
        assert!(!signer.verify(
            org,
            &SignedTaskId {
                ulid: Ulid(read.ulid.0 + 1),
                tag: read.tag.clone()
            }
        ));
    }

    #[test]
    fn a_path_tells_rows_from_uploads() {
        assert!(matches!("tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse(), Ok(TaskRef::Row(_))));
        for wrong in [
            "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC-",
            "tsk_-01KAF2Z7M0V8Q4J3T6B9N5R1XC",
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        ] {
            assert!(wrong.parse::<TaskRef>().is_err(), "{wrong}");
        }
    }
}
