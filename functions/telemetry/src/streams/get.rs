//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}: one stream.

use super::view::StreamView;
use crate::App;
use crate::readings::{Known, device};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get a stream, with what is laid down about it. Its `ETag` counts changes of that: it is `"0"` before the first.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}", operation_id = "getStream", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path)),
    responses((status = 200, body = StreamView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id, variable)): Path<(OrgId, DeviceId, VariableName)>,
) -> Result<Versioned<StreamView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    device(&table, id).await?;
    let settings = table.stream_settings(id, &variable).await?;
    shown(&table, id, &variable, settings)
        .await?
        .ok_or_else(|| Problem::not_found("stream of this device: it has neither readings nor settings"))
}

/// A stream as it stands with these settings; none where it has neither readings nor settings.
pub async fn shown(
    table: &OrgTable,
    device: DeviceId,
    variable: &VariableName,
    settings: Option<StreamSettings>,
) -> Result<Option<Versioned<StreamView>>, Problem> {
    let version = settings.as_ref().map_or(0, |settings| settings.version);
    let view = match (table.stream(device, variable).await?, settings) {
        (None, None) => return Ok(None),
        (None, Some(settings)) => StreamView::empty(&settings),
        (Some(stream), settings) => {
            let settings = settings.unwrap_or_else(|| StreamSettings::of(variable.clone()));
            StreamView::read(table, device, &Known { stream, settings }).await?
        }
    };
    Ok(Some(Versioned(version, view)))
}
