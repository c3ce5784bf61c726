//! PATCH /v1/orgs/{org}/projects/{project}/devices/{device}: change a device.

use super::{DeviceView, existing, settings};
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::fleet::{Device, SilentAfter};
use domain::journal::Event;
use domain::text::Name;
use domain::{DeviceId, OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde::Deserialize;

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceChanges {
    name: Option<Name>,
    /// Whether anybody expects to hear of it.
    enabled: Option<bool>,
    /// After how many seconds without an upload it counts as failed.
    silent_after: Option<SilentAfter>,
}

impl DeviceChanges {
    fn applied_to(self, old: &Device) -> Result<Device, Problem> {
        let Self {
            name,
            enabled,
            silent_after,
        } = self;
        if name.is_none() && enabled.is_none() && silent_after.is_none() {
            return Err(Problem::field("", "must say a name, enabled or silent_after to change"));
        }
        Ok(Device {
            name: name.unwrap_or_else(|| old.name.clone()),
            enabled: enabled.unwrap_or(old.enabled),
            silent_after: silent_after.unwrap_or(old.silent_after),
            version: old.version + 1,
            ..old.clone()
        })
    }
}

/// Rename a device, switch it on or off, or say for how long it may be silent. Its hardware id stays: another piece of hardware is another
/// device.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/projects/{project}/devices/{device}", operation_id = "updateDevice", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("device" = DeviceId, Path), ("if-match" = String, Header)),
    request_body = DeviceChanges,
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
    Json(body): Json<DeviceChanges>,
) -> Result<Versioned<DeviceView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let (old, watch) = existing(&table, project, device).await?;
    version.must_be(old.version)?;
    let new = body.applied_to(&old)?;
    let event = Event {
        action: "device.updated",
        resource: device.to_string(),
        before: Some(settings(&old)),
        after: Some(settings(&new)),
    };
    let now = app.source.now();
    let set = watch.set(&new, now);
    table
        .update_device(Change::told(event), &new, (set != watch).then_some(&set))
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(Versioned(new.version, DeviceView::at(now, new, &set)))
}
