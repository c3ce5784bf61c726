//! POST /v1/device-sessions/renewal: another session, with the one that is still good.

use super::{DeviceSessionView, granted};
use crate::App;
use axum::extract::State;
use domain::session::Series;
use http_api::{Authenticated, Created, Json, Problem, Refusals};

/// Renew a device's session while it is good. The new one ends with the sessions that the old one would have ended with.
#[utoipa::path(
    post, path = "/v1/device-sessions/renewal", operation_id = "renewDeviceSession", tag = "machines",
    responses((status = 201, body = DeviceSessionView), Refusals),
    security(("device_session" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
) -> Result<Created<Json<DeviceSessionView>>, Problem> {
    let (id, grant) = caller.device()?;
    // Of the same series: sessions that are ended just now take with them what was renewed from them.
    let series = caller.session.as_deref().unwrap_or_default();
    let series: Series = series.parse().map_err(Problem::internal)?;
    let device = app.tables.open(&grant)?.device(id).await?;
    device
        .filter(|device| device.project == series.project)
        .ok_or_else(|| Problem::not_found("device in this project"))?;
    granted(&app, grant.org(), id, series).await
}
