//! PATCH /v1/orgs/{org}/projects/{project}/devices/{device}: rename a device.

use super::{DeviceView, existing};
use crate::projects::Rename;
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::fleet::Device;
use domain::journal::Event;
use domain::{DeviceId, OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde_json::json;

/// Rename a device. Its hardware id stays: another piece of hardware is another device.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/projects/{project}/devices/{device}", operation_id = "updateDevice", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("device" = DeviceId, Path), ("if-match" = String, Header)),
    request_body = Rename,
    responses(
        (status = 200, body = DeviceView),
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
    Json(body): Json<Rename>,
) -> Result<Versioned<DeviceView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let old = existing(&table, project, device).await?;
    version.must_be(old.version)?;
    let event = Event {
        action: "device.updated",
        resource: device.to_string(),
        before: Some(json!({ "name": old.name })),
        after: Some(json!({ "name": body.name })),
    };
    let new = Device {
        name: body.name,
        version: old.version + 1,
        ..old
    };
    table
        .update_device(Change::told(event), &new)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(Versioned(new.version, new.into()))
}
