//! `/v1/admin/tasks`: the system's own tasks.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod upgrade;

use domain::TaskId;
use domain::task::{Attempt, Progress, Task, TaskStatus};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A task of the system's own.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SystemTaskView {
    id: TaskId,
    /// What it does, as in `system.upgrade_organizations`.
    kind: String,
    status: TaskStatus,
    /// Attempts so far, in the present run.
    attempts: u32,
    /// The latest of them, oldest first.
    attempts_log: Vec<Attempt>,
    /// How far it is, where its kind tells.
    progress: Option<Progress>,
    /// What came of it, where its kind tells.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// The latest failure.
    error: Option<String>,
    /// Who asked for it.
    requested_by: String,
    created_at: Timestamp,
    /// When it goes on, while it waits.
    due: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

impl From<Task> for SystemTaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            kind: task.kind,
            status: task.status,
            attempts: task.attempts,
            attempts_log: task.log,
            progress: task.progress,
            result: task.result,
            error: task.error,
            requested_by: task.requested_by,
            created_at: task.created_at,
            due: task.due,
            finished_at: task.finished_at,
        }
    }
}
