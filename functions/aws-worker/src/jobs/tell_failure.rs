//! `notice.task_failed`: tells whoever asked for a task, and staff, that it failed for good.

use super::Step;
use crate::App;
use domain::task::{Task, TaskKind};
use domain::{ServiceError, TaskId};
use jiff::Timestamp;

/// The notice of a task's failure. A task that another one asked for is told of by that one; notices themselves are not told of.
pub(crate) fn notice(failed: &Task, id: TaskId, now: Timestamp) -> Option<Task> {
    let told = failed.parent.is_none() && failed.known_kind() != Some(TaskKind::TellFailure);
    let notice = || Task::queued(id, failed.org, TaskKind::TellFailure, failed.requested_by.clone(), now);
    told.then(|| notice().child_of(failed.id))
}

pub(super) async fn run(_app: &App, _task: &Task) -> Result<Step, ServiceError> {
    Ok(Step::Fail("not yet".to_owned()))
}
