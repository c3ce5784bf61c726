//! GET /v1/orgs/{org}/devices/{device}/events/{event}: an event with its body.

use super::view::{EventView, raw};
use crate::App;
use aws_dynamodb::PackedData;
use axum::extract::State;
use domain::task::LINK_LASTS;
use domain::{DeviceId, EventId, OrgId, Permission};
use http_api::{Authenticated, Json, Path, Problem, Refusals};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// An event with its body, or where that can be downloaded.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WholeEventView {
    #[serde(flatten)]
    event: EventView,
    /// Its body, such as a waveform, as the device wrote it; `null` where it has none, or one that is downloaded by `data_link`.
    #[schema(value_type = Option<serde_json::Value>)]
    data: Option<Box<RawValue>>,
    /// Where a large body is downloaded.
    data_link: Option<DataLinkView>,
}

/// A link to a body: JSON, with `content-encoding: gzip`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DataLinkView {
    /// A link that needs no credentials: whoever has it can download the body until it expires.
    url: String,
    /// Until when a download may begin; asking again gives another link.
    expires_at: Timestamp,
}

/// Get an event with its body: large ones by a link that is good for 20 minutes.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/events/{event}", operation_id = "getEvent", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = WholeEventView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, id)): Path<(OrgId, DeviceId, EventId)>,
) -> Result<Json<WholeEventView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let (found, event) = futures::future::join(table.device(device), table.event(device, id)).await;
    found?.ok_or_else(|| Problem::not_found("device in this organisation"))?;
    let event = event?.ok_or_else(|| Problem::not_found("event of this device"))?;
    let (data, data_link) = match event.data.as_ref().map(|body| &body.packed) {
        None => (None, None),
        Some(PackedData::Here(packed)) => (Some(raw(PackedData::unpack(packed)?)?), None),
        Some(PackedData::Object(key)) => (None, Some(link(&app, key).await?)),
    };
    let event = EventView::try_from(event)?;
    Ok(Json(WholeEventView { event, data, data_link }))
}

async fn link(app: &App, key: &str) -> Result<DataLinkView, Problem> {
    let now = app.source.now();
    Ok(DataLinkView {
        url: app.storage.link(key, now, LINK_LASTS).await?,
        expires_at: now + LINK_LASTS,
    })
}
