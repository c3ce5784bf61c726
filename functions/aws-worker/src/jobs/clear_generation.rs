//! `organization.clear_generation`: deletes a generation of an organisation's table that is not its present one: a week after a restore the
//! one before, at once one that a restore did not finish.
//!
//! Idempotency: it deletes what is there and finds nothing the second time; numbers of generations are not given out twice. Retry: every
//! failure of a call is tried again. An organisation that is being deleted has all its generations deleted by that.

use super::{Effect, Step, organization, stack};
use crate::App;
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// The task that clears a generation away, not before that long.
pub(super) fn after(app: &App, parent: &Task, generation: u32, delay: SignedDuration) -> Task {
    let now: Timestamp = app.source.now();
    let kind = TaskKind::ClearGeneration;
    let task = Task::queued(app.source.id(), parent.org, kind, parent.requested_by.clone(), now);
    let task = task.with_input(json!({ "generation": generation })).child_of(parent.id);
    Task {
        due: Some(now + delay),
        ..task
    }
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    let generation = task.input["generation"]
        .as_u64()
        .and_then(|number| number.try_into().ok());
    match generation {
        Some(generation) if generation != org.generation => clear(app, task, &org, generation).await,
        _ => Ok(Step::Fail(
            "the task does not name a generation that is over".to_owned(),
        )),
    }
}

async fn clear(app: &App, task: &Task, org: &Organization, generation: u32) -> Result<Step, ServiceError> {
    if matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted) {
        return Ok(Step::Done(Effect::default()));
    }
    let step = stack::clear(app, task, org, generation).await?;
    Ok(step.unwrap_or_else(|| Step::Done(Effect::default())))
}
