//! The kinds of tasks. Each documents its idempotency and its retry rule.

pub mod create_organization;
pub mod delete_organization;

use crate::App;
use aws_dynamodb::Refused;
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use std::time::Duration;

/// How far a job came. An error is tried again; what can never succeed is [`Step::Fail`].
pub enum Step {
    /// Done, the end of its task included.
    Done,
    /// AWS needs time: look again after this long.
    Wait(Duration),
    /// Given up, for this reason.
    Fail(String),
}

/// The organisation a task is for.
async fn organization(app: &App, task: &Task) -> Result<Organization, ServiceError> {
    let missing = || ServiceError::Failed("the task's organisation is not in the directory".to_owned());
    app.directory.organization(task.org).await?.ok_or_else(missing)
}

/// A commit whose conditions do not hold any more is begun again from what is there now.
fn committed(result: Result<(), Refused>) -> Result<Step, ServiceError> {
    Ok(result.map(|()| Step::Done)?)
}

/// Ends a task for good: its row says why, and the organisation shows that its creation or deletion failed, so that its owner can have it
/// deleted (again).
pub async fn give_up(app: &App, task: Task, reason: &str) -> Result<(), ServiceError> {
    let mut org = organization(app, &task).await?;
    org.status = OrgStatus::Failed;
    let task = task.ended(Some(reason.to_owned()), app.source.now());
    committed(app.directory.settle(&org, &task).await).map(|_| ())
}

/// What the stack and the table of an organisation's generation are called.
fn stack_name(app: &App, org: &Organization) -> String {
    let ulid = domain::id::Id::ulid(org.id).to_string().to_lowercase();
    format!("{}{ulid}-{}", app.deployment.table_prefix, org.generation)
}
