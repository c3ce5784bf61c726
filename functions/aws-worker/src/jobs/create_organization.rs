//! `organization.create`: creates the organisation's stack from `infra/stacks/organization.yaml` and opens the organisation.
//!
//! Idempotency: the stack's name follows from the organisation and its generation, and the client request token is the task's id, so that a
//! second request for it is no second stack. Opening writes the directory row, the journal's first entry and the task's end in one transaction,
//! which a task that has ended does not repeat. Retry: every failure of a call is tried again; a stack that CloudFormation rolled back fails
//! the task, since the same template would be rolled back again.

use super::{Step, committed, organization, stack_name};
use crate::App;
use aws_cloudformation::{NewStack, StackStatus};
use aws_dynamodb::{Change, OrgTables};
use domain::ServiceError;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use serde_json::json;
use std::time::Duration;

/// What is created for each organisation.
const TEMPLATE: &str = include_str!("../../../../infra/stacks/organization.yaml");
/// A table takes a few seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub async fn run(app: &App, task: Task) -> Result<Step, ServiceError> {
    let org = organization(app, &task).await?;
    let name = stack_name(app, &org);
    match app.stacks.status(&name).await? {
        None | Some(StackStatus::Deleted) => create(app, &org, &task, &name).await,
        Some(StackStatus::InProgress) => Ok(Step::Wait(LOOK_AGAIN)),
        Some(StackStatus::Failed { reason }) => {
            tracing::error!(stack = name, reason, "an organisation's stack was rolled back");
            Ok(Step::Fail("the organisation's table could not be created".to_owned()))
        }
        Some(StackStatus::Complete) => open(app, org, task, name).await,
    }
}

async fn create(app: &App, org: &Organization, task: &Task, name: &str) -> Result<Step, ServiceError> {
    let (id, token) = (org.id.to_string(), task.id.to_string().replace('_', "-"));
    let stack = NewStack {
        name,
        template: TEMPLATE,
        parameters: &[
            ("TableName", name),
            ("Stage", &app.deployment.stage),
            ("Organization", &id),
        ],
        tags: &[
            ("Application", "millwright"),
            ("Stage", &app.deployment.stage),
            ("Organization", &id),
        ],
        role: app.deployment.stack_role.as_deref(),
        token: &token,
    };
    app.stacks.create(stack).await?;
    Ok(Step::Wait(LOOK_AGAIN))
}

async fn open(app: &App, org: Organization, task: Task, table: String) -> Result<Step, ServiceError> {
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
    let task = task.ended(None, app.source.now());
    let tables: &OrgTables = &app.tables;
    committed(app.directory.open(tables, Change::told(event), &org, &task).await)
}
