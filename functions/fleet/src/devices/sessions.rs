//! DELETE /v1/orgs/{org}/devices/{device}/sessions: end the sessions of a device.

use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::{DeviceId, OrgId, Permission, ServiceError};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// End every session that the device has, from the next request on. Who holds the project's token can get another: rotate it to prevent that.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/devices/{device}/sessions", operation_id = "endDeviceSessions", tag = "fleet",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path)),
    responses((status = 204, description = "Ended"), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device)): Path<(OrgId, DeviceId)>,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    table
        .device(device)
        .await?
        .ok_or_else(|| Problem::not_found("device in this organisation"))?;
    let event = Event {
        action: "device.sessions_ended",
        resource: device.to_string(),
        before: None,
        after: None,
    };
    let another = (app.source.id(), app.source.now());
    let change = app
        .directory
        .with_sessions_ended(Change::told(event), device, another)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    Ok(NoContent)
}
