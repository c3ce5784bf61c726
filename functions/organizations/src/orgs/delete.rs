//! DELETE /v1/orgs/{org}: end an organisation.

use super::OrganizationView;
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::{Denied, Grant, OrgId, Permission, ServiceError, TaskId};
use http_api::{Accepted, Authenticated, Path, Problem, Refusals};
use serde_json::json;

/// Delete an organisation with all its data. A worker does it; there is no way back. (Where AWS hosts it, AWS keeps a backup 35 days more.)
#[utoipa::path(
    delete, path = "/v1/orgs/{org}", operation_id = "deleteOrganization", tag = "organizations", params(("org" = OrgId, Path)),
    responses((status = 202, description = "Accepted; `Location` is the task", body = OrganizationView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
) -> Result<Accepted<OrganizationView>, Problem> {
    let grant = caller.require(org, Permission::OrgDelete)?;
    let found = app
        .directory
        .organization(org)
        .await?
        .ok_or_else(|| Problem::not_found("organisation"))?;
    if !matches!(found.status, OrgStatus::Active | OrgStatus::Failed) {
        return Err(Denied::NotReady(found.status).into());
    }
    let latest = found.task;
    let (org, task) = ending(&app, found, &grant);
    request(&app, &grant, &org, (latest, &task)).await?;
    app.tasks.wake(&task).await;
    Ok(Accepted {
        location: task.path(),
        body: org.into(),
    })
}

fn ending(app: &App, org: Organization, grant: &Grant) -> (Organization, Task) {
    let kind = TaskKind::DeleteOrganization;
    let task = Task::queued(app.source.id(), org.id, kind, grant.actor(), app.source.now());
    let status = OrgStatus::Deleting;
    let task_id = task.id;
    (
        Organization {
            status,
            task: task_id,
            ..org
        },
        task,
    )
}

/// Commits the new state, the journal's entry and the task, unless another task came after `latest`.
async fn request(
    app: &App,
    grant: &Grant,
    org: &Organization,
    (latest, task): (TaskId, &Task),
) -> Result<(), ServiceError> {
    let event = Event {
        action: "organization.deletion_requested",
        resource: org.id.to_string(),
        before: None,
        after: Some(json!({ "task": task.id })),
    };
    // One whose creation or deletion failed has no journal to write in.
    let (table, change) = match app.tables.open(grant) {
        Ok(table) => (Some(table), Change::told(event)),
        Err(_) => (None, Change::silent()),
    };
    let change = app.directory.with_organization(change, org, latest)?;
    let change = app.directory.with_task(change, task)?;
    Ok(app.directory.commit(table.as_ref(), change).await?)
}
