//! DELETE /v1/orgs/{org}: end an organisation.

use super::OrganizationView;
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::organization::{Closing, OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::{Denied, Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Authenticated, Path, Problem, Refusals};
use serde_json::json;

/// Delete an organisation with all its data, after a time in which it can be reopened (30 days, where the deployment does not say otherwise).
/// It is `closing` until then: its data can be read and exported, and nothing can be changed or uploaded. The task exports them to a file,
/// without which nothing is deleted; it can be downloaded until 30 days after the deletion. All owners are mailed, now and three days before the end. An organisation that
/// `failed` is deleted at once. (Where AWS hosts it, AWS keeps a backup 35 days more.)
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
    match found.status {
        OrgStatus::Active => close(&app, &grant, found).await,
        OrgStatus::Failed => delete(&app, &grant, found).await,
        status => Err(Denied::NotReady(status).into()),
    }
}

/// Begins to close it: its data are exported, its owners told.
async fn close(app: &App, grant: &Grant, org: Organization) -> Result<Accepted<OrganizationView>, Problem> {
    let (now, latest) = (app.source.now(), org.task);
    let queued = |kind| Task::queued(app.source.id(), org.id, kind, grant.actor(), now);
    let deletes_at = now + app.closing;
    let export = queued(TaskKind::ExportOrganization).with_input(json!({ "closing": true }));
    let notice = queued(TaskKind::TellClosing).with_input(json!({ "deletes_at": deletes_at, "soon": false }));
    let notice = notice.child_of(export.id);
    let closing = Closing {
        deletes_at,
        asked_by: grant.actor().to_owned(),
        export: None,
    };
    let change = told("organization.closing_began", &org, &export);
    let org = Organization {
        status: OrgStatus::Closing,
        task: export.id,
        closing: Some(closing),
        ..org
    };
    let change = app.directory.with_organization(change, &org, latest)?;
    let change = app.directory.with_task(change, &export)?;
    let change = app.directory.with_task(change, &notice)?;
    let table = app.tables.open(grant)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&export).await;
    app.tasks.wake(&notice).await;
    Ok(Accepted {
        location: export.path(),
        body: org.into(),
    })
}

/// Deletes one at once that never was in use, or whose deletion has failed.
async fn delete(app: &App, grant: &Grant, org: Organization) -> Result<Accepted<OrganizationView>, Problem> {
    let kind = TaskKind::DeleteOrganization;
    let task = Task::queued(app.source.id(), org.id, kind, grant.actor(), app.source.now());
    let latest = org.task;
    let org = Organization {
        status: OrgStatus::Deleting,
        task: task.id,
        ..org
    };
    // It has no journal to write in.
    let change = app.directory.with_organization(Change::silent(), &org, latest)?;
    let change = app.directory.with_task(change, &task)?;
    app.directory.commit(None, change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(Accepted {
        location: task.path(),
        body: org.into(),
    })
}

fn told(action: &'static str, org: &Organization, task: &Task) -> Change {
    Change::told(Event {
        action,
        resource: org.id.to_string(),
        before: None,
        after: Some(json!({ "task": task.id })),
    })
}
