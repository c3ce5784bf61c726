//! GET /v1/device: who the calling device is.

use crate::App;
use axum::extract::State;
use domain::text::Name;
use domain::{DeviceId, OrgId, ProjectId};
use http_api::{Authenticated, Json, Problem, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// A device as it sees itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OwnDevice {
    device: DeviceId,
    project: ProjectId,
    org: OrgId,
    name: Name,
    /// The 32-bit number burnt into it.
    hardware_id: u32,
    /// What time it is here: a device without a clock of its own can set one by it.
    server_time: Timestamp,
}

/// Tell a device who it is, and what time it is.
#[utoipa::path(
    get, path = "/v1/device", operation_id = "getOwnDevice", tag = "machines",
    responses((status = 200, body = OwnDevice), Refusals),
    security(("device_session" = [])),
)]
pub async fn handler(Authenticated(caller): Authenticated, State(app): State<App>) -> Result<Json<OwnDevice>, Problem> {
    let (id, grant) = caller.device()?;
    let device = app.tables.open(&grant)?.device(id).await?;
    let device = device.ok_or_else(|| Problem::not_found("device"))?;
    Ok(Json(OwnDevice {
        device: device.id,
        project: device.project,
        org: grant.org(),
        name: device.name,
        hardware_id: device.hardware_id,
        server_time: app.source.now(),
    }))
}
