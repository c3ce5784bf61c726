//! Tasks: work handed to a worker, which its asker can see.
//!
//! Most tasks have a row and a [`TaskId`]; the message only points at it. Uploads have none: their message is the acceptance, and their
//! id is signed ([`SignedTaskId`]), so that nobody can ask after an upload that never was.

mod file;
mod kind;
mod life;
mod message;
mod readings_copy;
mod readings_export;
mod scheduled;
mod signed;
mod upload;
mod work;

pub use file::{LINK_LASTS, TaskFile};
pub use kind::{CallOff, Policy, Retries, TaskKind};
pub use life::{Begin, LEASE, NotNow};
pub use message::TaskMessage;
pub use readings_copy::{ReadingsCopy, StreamOf};
pub use readings_export::{FileFormat, ReadingsExport};
pub use scheduled::last_word_before_deletion;
pub use signed::{SignedTaskId, TaskRef, TaskSigner};
pub use upload::{ReportFormat, UploadBody, UploadContent, UploadMessage};
pub use work::{WorkDone, WorkEntry};

use crate::{OrgId, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// How long what became of an upload can be asked after: 30 days.
pub const UPLOAD_OUTCOME_KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

/// A task that has failed this many times has failed for good, where its kind does not say otherwise.
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

impl TaskStatus {
    /// Every status there is.
    pub const ALL: &[Self] = &[
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The status's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What an upload's task is called in the contract.
pub const UPLOAD_KIND: &str = "telemetry.upload";

/// A task's row. Its steps are in `life.rs`, and nowhere else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The organisation it is for; none for the system's own.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// What it does: the name of a [`TaskKind`], or one that only another version of the system knows.
    pub kind: String,
    /// What the kind needs to know beyond the organisation.
    #[serde(default)]
    pub input: Value,
    /// Where it is.
    pub status: TaskStatus,
    /// Counts the row's writes: each is made over the one before.
    pub revision: u64,
    /// Attempts begun in the present run; planned waits do not count.
    pub attempts: u32,
    /// Attempts that failed since the task last got anywhere: what counts against the most that its kind allows.
    #[serde(default)]
    pub setbacks: u32,
    /// The latest attempts, oldest first.
    #[serde(default)]
    pub log: Vec<Attempt>,
    /// Until when an attempt has the task to itself.
    #[serde(default)]
    pub lease: Option<Timestamp>,
    /// Not before that.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// Whether somebody called it off.
    #[serde(default)]
    pub cancel_requested: bool,
    /// How far it is, where its kind tells.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// Where a kind that goes by steps has got to.
    #[serde(default)]
    pub state: Option<Value>,
    /// What came of it.
    #[serde(default)]
    pub result: Option<Value>,
    /// The latest failure, in words for its asker.
    #[serde(default)]
    pub error: Option<String>,
    /// Who asked: the id of a person, a key or a task.
    pub requested_by: String,
    /// The task that asked for it.
    #[serde(default)]
    pub parent: Option<TaskId>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the present run began: when it was accepted or last retried.
    pub run_at: Timestamp,
    /// When the first attempt of the present run began: its deadline counts from here, since a queue may be long or paused.
    #[serde(default)]
    pub begun_at: Option<Timestamp>,
    /// When the row was last written.
    pub touched_at: Timestamp,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// When the row of a task that ended goes by itself (Unix seconds; DynamoDB time to live).
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attempt {
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended; none while it goes on.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// Why it failed; none where it did not.
    #[serde(default)]
    pub error: Option<String>,
}

/// How far a task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Progress {
    /// From 0 to 100.
    pub percent: u8,
    /// What it is doing.
    pub message: String,
}

impl Task {
    /// A new task, waiting for a worker.
    pub fn queued(
        id: TaskId,
        org: impl Into<Option<OrgId>>,
        kind: TaskKind,
        requested_by: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            org: org.into(),
            kind: kind.as_str().to_owned(),
            input: Value::Null,
            status: TaskStatus::Queued,
            revision: 1,
            attempts: 0,
            setbacks: 0,
            log: Vec::new(),
            lease: None,
            due: None,
            cancel_requested: false,
            progress: None,
            state: None,
            result: None,
            error: None,
            requested_by: requested_by.into(),
            parent: None,
            created_at: now,
            run_at: now,
            begun_at: None,
            touched_at: now,
            finished_at: None,
            expires_at: None,
        }
    }

    /// The task with what its kind needs to know.
    #[must_use]
    pub fn with_input(self, input: Value) -> Self {
        Self { input, ..self }
    }

    /// The task as another one asked for it.
    #[must_use]
    pub fn child_of(self, parent: TaskId) -> Self {
        Self {
            parent: Some(parent),
            ..self
        }
    }

    /// What it does, where this version of the system knows.
    pub fn known_kind(&self) -> Option<TaskKind> {
        TaskKind::parse(&self.kind)
    }

    /// The message that wakes a worker for it.
    pub fn message(&self) -> TaskMessage {
        TaskMessage::Task {
            org: self.org,
            task: self.id,
        }
    }

    /// The task's path, for a `Location` header.
    pub fn path(&self) -> String {
        match self.org {
            Some(org) => task_path(org, &self.id),
            None => format!("/v1/admin/tasks/{}", self.id),
        }
    }
}

impl Attempt {
    fn begun(at: Timestamp) -> Self {
        Self {
            begun_at: at,
            ended_at: None,
            error: None,
        }
    }
}

impl Progress {
    /// So far, of 100, and what is going on.
    pub fn new(percent: u8, message: impl Into<String>) -> Self {
        Self {
            percent: percent.min(100),
            message: message.into(),
        }
    }
}

/// The path of a task of either kind.
pub fn task_path(org: OrgId, id: &impl fmt::Display) -> String {
    format!("/v1/orgs/{org}/tasks/{id}")
}
