//! `organization.delete`: deletes the organisation's stored objects, its stack and its rows in the directory.
//!
//! Idempotency: each step deletes what is there and finds nothing the second time; the order (objects, stack, rows, the task's end) leaves
//! the task runnable until the last. Whoever asked keeps their place, so that they can see the task's end. Retry: every failure of a call is
//! tried again; a stack that cannot be deleted fails the task, for an operator to look at.

use super::{Step, committed, organization, stack_name};
use crate::App;
use aws_cloudformation::StackStatus;
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use std::time::Duration;

/// Where an organisation's objects lie in the storage bucket.
const PREFIXES: &[&str] = &["archive", "errors", "uploads"];
/// Deleting a table takes some seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

pub async fn run(app: &App, task: Task) -> Result<Step, ServiceError> {
    let org = organization(app, &task).await?;
    let name = stack_name(app, &org);
    match app.stacks.status(&name).await? {
        Some(StackStatus::InProgress) => Ok(Step::Wait(LOOK_AGAIN)),
        Some(StackStatus::Complete) => delete(app, &org, &task, &name).await,
        // A creation that was rolled back leaves a stack to delete as well; a deletion that failed is tried again until attempts run out.
        Some(StackStatus::Failed { reason }) => {
            tracing::warn!(stack = name, reason, "deleting a stack that had failed");
            delete(app, &org, &task, &name).await
        }
        None | Some(StackStatus::Deleted) => finish(app, org, task).await,
    }
}

async fn delete(app: &App, org: &Organization, task: &Task, stack: &str) -> Result<Step, ServiceError> {
    delete_objects(app, org).await?;
    let token = task.id.to_string().replace('_', "-");
    app.stacks
        .delete(stack, app.deployment.stack_role.as_deref(), &token)
        .await?;
    Ok(Step::Wait(LOOK_AGAIN))
}

async fn finish(app: &App, org: Organization, task: Task) -> Result<Step, ServiceError> {
    // Once more: an upload accepted before may have laid a body down since.
    delete_objects(app, &org).await?;
    app.directory.clean_up(org.id, &task.requested_by).await?;
    let org = Organization {
        status: OrgStatus::Deleted,
        table: None,
        ..org
    };
    let task = task.ended(None, app.source.now());
    committed(app.directory.settle(&org, &task).await)
}

async fn delete_objects(app: &App, org: &Organization) -> Result<(), ServiceError> {
    for prefix in PREFIXES {
        app.storage.delete_prefix(&format!("{prefix}/{}/", org.id)).await?;
    }
    Ok(())
}
