//! DELETE /v1/orgs/{org}/projects/{project}/devices/{device}: delete a device.

use super::existing;
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::{DeviceId, OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, NoContent, Path, Problem, Refusals};
use serde_json::json;

/// Delete a device. Its hardware id is free again; its readings can no longer be reached.
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
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let old = existing(&table, project, device).await?;
    version.must_be(old.version)?;
    let before = Some(json!({ "name": old.name, "hardware_id": old.hardware_id }));
    let event = Event {
        action: "device.deleted",
        resource: device.to_string(),
        before,
        after: None,
    };
    table
        .delete_device(Change::told(event), &old)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(NoContent)
}
