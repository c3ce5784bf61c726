//! Tasks of an organisation: those with a row, and uploads, whose outcome the ingest worker records.

pub mod get;
pub mod list;

use aws_dynamodb::UploadOutcome;
use domain::OrgId;
use domain::task::{SignedTaskId, Task, TaskStatus, UPLOAD_KIND};
use jiff::Timestamp;
use serde::Serialize;

/// A task as whoever asked for it sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TaskView {
    id: String,
    org: OrgId,
    /// What it does, as in `organization.create`.
    kind: &'static str,
    status: TaskStatus,
    /// Attempts so far.
    attempts: u32,
    /// The latest failure.
    error: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// Of an upload that is done: readings and events in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Of an upload that is done: how many of them were new.
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<u64>,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let Task {
            id,
            org,
            kind,
            status,
            attempts,
            error,
            created_at,
            finished_at,
            ..
        } = task;
        let (count, added) = (None, None);
        Self {
            id: id.to_string(),
            org,
            kind: kind.as_str(),
            status,
            attempts,
            error,
            created_at,
            finished_at,
            count,
            added,
        }
    }
}

impl TaskView {
    /// An upload: queued until its outcome is recorded.
    fn upload(org: OrgId, id: &SignedTaskId, outcome: Option<UploadOutcome>) -> Self {
        let millis = i64::try_from(id.accepted_ms()).unwrap_or_default();
        let queued = Self {
            id: id.to_string(),
            org,
            kind: UPLOAD_KIND,
            status: TaskStatus::Queued,
            attempts: 0,
            error: None,
            created_at: Timestamp::from_millisecond(millis).unwrap_or_default(),
            finished_at: None,
            count: None,
            added: None,
        };
        let Some(done) = outcome else { return queued };
        let (count, added) = (Some(done.count), Some(done.added));
        let finished_at = Some(done.finished_at);
        Self {
            status: done.status,
            attempts: done.attempts,
            error: done.error,
            finished_at,
            count,
            added,
            ..queued
        }
    }
}
