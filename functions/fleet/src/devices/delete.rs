//! DELETE /v1/orgs/{org}/projects/{project}/devices/{device}: delete a device.

use super::{existing, settings};
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::task::{Task, TaskKind};
use domain::{DeviceId, Grant, OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, NoContent, Path, Problem, Refusals};
use serde_json::json;

/// Delete a device. Its hardware id is free again and its sessions are over; its readings can no longer be reached, and a task (`device.purge`) deletes them.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/projects/{project}/devices/{device}", operation_id = "deleteDevice", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("device" = DeviceId, Path), ("if-match" = String, Header)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "The device has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project, device)): Path<(OrgId, ProjectId, DeviceId)>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    let grant = caller.require(org, Permission::FleetWrite)?;
    let table = app.tables.open(&grant)?;
    let (old, _) = existing(&table, project, device).await?;
    version.must_be(old.version)?;
    let event = Event {
        action: "device.deleted",
        resource: device.to_string(),
        before: Some(settings(&old)),
        after: None,
    };
    let purge = purge(&app, &grant, device);
    let change = app.directory.with_task(Change::told(event), &purge)?;
    let another = (app.source.id(), app.source.now());
    let change = app.directory.with_sessions_ended(change, device, another)?;
    table
        .delete_device(change, &old)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    app.tasks.wake(&purge).await;
    Ok(NoContent)
}

/// The task that deletes what the device leaves behind.
fn purge(app: &App, grant: &Grant, device: DeviceId) -> Task {
    let kind = TaskKind::PurgeDevice;
    let task = Task::queued(app.source.id(), grant.org(), kind, grant.actor(), app.source.now());
    task.with_input(json!({ "device": device }))
}
