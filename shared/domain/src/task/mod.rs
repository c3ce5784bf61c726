//! Tasks: work handed to a worker, which its asker can see.
//!
//! Most tasks have a row and a [`TaskId`]; the message only points at it. Uploads have none: their message is the acceptance, and their
//! id is signed ([`SignedTaskId`]), so that nobody can ask after an upload that never was.

mod signed;
mod upload;

pub use signed::{SignedTaskId, TaskRef, TaskSigner};
pub use upload::{ReportFormat, UploadBody, UploadContent, UploadMessage};

use crate::{OrgId, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

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
