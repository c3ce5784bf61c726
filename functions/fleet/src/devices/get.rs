//! GET /v1/orgs/{org}/projects/{project}/devices/{device}: one device.

use super::{DeviceView, existing};
use crate::App;
use axum::extract::State;
use domain::{DeviceId, OrgId, Permission, ProjectId};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get a device.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects/{project}/devices/{device}", operation_id = "getDevice", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("device" = DeviceId, Path)),
    responses((status = 200, body = DeviceView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project, device)): Path<(OrgId, ProjectId, DeviceId)>,
) -> Result<Versioned<DeviceView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    let (device, watch) = existing(&table, project, device).await?;
    Ok(Versioned(
        device.version,
        DeviceView::at(app.source.now(), device, &watch),
    ))
}
