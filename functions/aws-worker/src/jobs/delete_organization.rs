//! `organization.delete`: deletes the organisation's stored objects, its stack and its rows in the directory.
//!
//! Idempotency: each step deletes what is there and finds nothing the second time; the order (objects, stack, rows, the task's end) leaves
//! the task runnable until the last, in whose transaction the organisation shows as deleted. Objects are deleted some thousands at a step, so that no step outlives the function. Whoever asked
//! keeps their place, so that they can see the task's end. Retry: every failure of a call is tried again, and so is a stack that could not
//! be deleted; each counts as an attempt, and when they are used up the owner can ask again.

use super::{Effect, Step, Wait, organization, stack_name};
use crate::App;
use aws_cloudformation::StackStatus;
use aws_dynamodb::Change;
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use serde_json::{Value, json};
use std::time::Duration;

/// Where an organisation's objects lie in the storage bucket.
const PREFIXES: &[&str] = &["archive", "errors", "uploads"];
/// Deleting a table takes some seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// There is more to delete.
const GO_ON: Duration = Duration::ZERO;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    if !delete_objects(app, &org).await? {
        return Ok(Step::wait(GO_ON));
    }
    let name = stack_name(app, &org);
    match app.stacks.status(&name).await? {
        Some(StackStatus::InProgress) => Ok(Step::wait(LOOK_AGAIN)),
        // This attempt has asked for the deletion before: it did not come about.
        Some(StackStatus::Failed { reason }) if task.state.as_ref() == Some(&asked(task)) => {
            Err(ServiceError::Failed(format!("{name}: {reason}")))
        }
        // A creation that was rolled back leaves a stack to delete as well.
        Some(StackStatus::Complete | StackStatus::Failed { .. }) => delete(app, task, &name).await,
        None | Some(StackStatus::Deleted) => finish(app, org, task).await,
    }
}

/// What an attempt notes that has asked for the deletion.
fn asked(task: &Task) -> Value {
    json!({ "asked_in_attempt": task.attempts })
}

async fn delete(app: &App, task: &Task, stack: &str) -> Result<Step, ServiceError> {
    // Of its own for each attempt: CloudFormation takes a token for one operation.
    let run = task.run_at.as_second();
    let token = format!("{}-{run}-{}", task.id.to_string().replace('_', "-"), task.attempts);
    let role = app.deployment.stack_role.as_deref();
    app.stacks.delete(stack, role, &token).await?;
    Ok(Step::Wait(Wait {
        delay: LOOK_AGAIN,
        state: Some(asked(task)),
        progress: None,
    }))
}

async fn finish(app: &App, org: Organization, task: &Task) -> Result<Step, ServiceError> {
    app.directory.clean_up(org.id, &task.requested_by).await?;
    let org = Organization {
        status: OrgStatus::Deleted,
        table: None,
        ..org
    };
    let change = app.directory.with_organization(Change::silent(), &org, task.id)?;
    Ok(Step::Done(Effect::silent(change)))
}

/// Deletes objects; whether none is left.
async fn delete_objects(app: &App, org: &Organization) -> Result<bool, ServiceError> {
    for prefix in PREFIXES {
        if !app.storage.delete_some(&format!("{prefix}/{}/", org.id)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
