//! `organization.create`: creates the organisation's stack from `infra/stacks/organization.yaml` and opens the organisation.
//!
//! Idempotency: the stack's name follows from the organisation and its generation, and the client request token is the task's id, so that a
//! second request for it is no second stack. The directory's row, the journal's first entry and the task's end commit in one transaction.
//! Retry: every failure of a call is tried again; a stack that CloudFormation rolled back fails the task, since the same template would be
//! rolled back again. A task that is run again by hand first clears away what the failed run left.

use super::stack::{Stack, stack_name, token};
use super::{Effect, Step, Wait, organization};
use crate::App;
use aws_cloudformation::StackStatus;
use aws_dynamodb::Change;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use domain::{Grant, ServiceError};
use serde_json::json;
use std::time::Duration;

/// A table takes a few seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    let name = stack_name(app, &org, org.generation);
    match app.stacks.status(&name).await? {
        None | Some(StackStatus::Deleted) => create(app, &org, task).await,
        Some(StackStatus::InProgress) => Ok(Step::wait(LOOK_AGAIN)),
        Some(StackStatus::Failed { .. }) if left_behind(task) => clear(app, task, &name).await,
        Some(StackStatus::Failed { reason }) => {
            tracing::error!(stack = name, reason, "an organisation's stack was rolled back");
            Ok(Step::Fail("the organisation's table could not be created".to_owned()))
        }
        Some(StackStatus::Complete | StackStatus::RolledBack { .. }) => open(app, org, task, name),
    }
}

/// Whether what is there is of an earlier run: this one has not asked for anything yet.
fn left_behind(task: &Task) -> bool {
    task.run_at > task.created_at && task.state.is_none()
}

async fn clear(app: &App, task: &Task, stack: &str) -> Result<Step, ServiceError> {
    let role = app.deployment.stack_role.as_deref();
    app.stacks.delete(stack, role, &token(task, "clear")).await?;
    Ok(Step::wait(LOOK_AGAIN))
}

async fn create(app: &App, org: &Organization, task: &Task) -> Result<Step, ServiceError> {
    let stack = Stack::new(app, org, org.generation, org.schema);
    stack.create(&token(task, "create")).await?;
    Ok(Step::Wait(Wait {
        delay: LOOK_AGAIN,
        state: Some(json!("asked")),
        progress: None,
    }))
}

fn open(app: &App, org: Organization, task: &Task, table: String) -> Result<Step, ServiceError> {
    let event = Event {
        action: "organization.created",
        resource: org.id.to_string(),
        before: None,
        after: Some(json!({ "name": org.name, "owner": org.created_by, "task": task.id })),
    };
    let org = Organization {
        status: OrgStatus::Active,
        table: Some(table),
        ..org
    };
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table.clone());
    let table = app.tables.open(&grant);
    let table = table.map_err(|denied| ServiceError::Failed(denied.to_string()))?;
    let change = app.directory.with_organization(Change::told(event), &org, task.id)?;
    Ok(Step::Done(Effect {
        change,
        table: Some(table),
        result: None,
    }))
}
