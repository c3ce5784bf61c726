//! Sessions of devices.

pub mod create;
mod register;
pub mod renew;

use crate::App;
use domain::session::{DEVICE_SESSION, Holder, Series, Session};
use domain::{DeviceId, OrgId, ProjectId};
use http_api::{Created, Json, Problem};
use serde::Serialize;

/// A device's session.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceSessionView {
    /// Send it as `authorization: Bearer ...`, to `/v1/device/...` alone. A secret.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// For how many seconds it is good, at most 3600.
    expires_in: i64,
    device: DeviceId,
    project: ProjectId,
    org: OrgId,
}

/// A session of that series, granted.
async fn granted(
    app: &App,
    org: OrgId,
    device: DeviceId,
    series: Series,
) -> Result<Created<Json<DeviceSessionView>>, Problem> {
    let session = Session {
        holder: Holder::Device(device, series),
        org,
    };
    let minted = app.granter.grant(&session, app.source.now(), DEVICE_SESSION).await?;
    let view = DeviceSessionView {
        access_token: minted.token,
        token_type: "Bearer",
        expires_in: minted.expires_in,
        device,
        project: series.project,
        org,
    };
    Ok(Created {
        location: None,
        body: Json(view),
    })
}
