//! GET /v1/orgs/{org}/devices/{device}/streams: the streams of a device.

use super::view::StreamView;
use crate::App;
use crate::readings::{Known, device};
use aws_dynamodb::{OrgTable, Stream};
use axum::extract::State;
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, OrgId, Permission};
use futures::{StreamExt, TryStreamExt, stream};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};
use std::collections::HashMap;

/// How many streams are looked into at once.
const AT_ONCE: usize = 8;

/// List the streams of a device that have readings or are computed, in the order of their names, with what is laid down about them.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams", operation_id = "listStreams", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), Paging),
    responses((status = 200, body = Page<StreamView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<StreamView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    device(&table, id).await?;
    let after: Option<VariableName> = Cursor::parse(paging.cursor)?;
    let (streams, next) = table.streams(id, after.as_ref(), paging.limit.get()).await?;
    let (known, table) = (with_settings(&table, id, streams).await?, &table);
    let views = stream::iter(known).map(|known| async move { StreamView::read(table, id, &known).await });
    let views: Vec<_> = views.buffered(AT_ONCE).try_collect().await?;
    Ok(Json(Page::new(views, next)))
}

/// Streams in the order of their names, each with what is laid down about it.
async fn with_settings(table: &OrgTable, device: DeviceId, streams: Vec<Stream>) -> Result<Vec<Known>, Problem> {
    let (Some(first), Some(last)) = (streams.first(), streams.last()) else {
        return Ok(Vec::new());
    };
    let laid_down = table
        .settings_between(device, (&first.variable, &last.variable))
        .await?;
    let mut laid_down: HashMap<_, _> = laid_down
        .into_iter()
        .map(|settings| (settings.variable.clone(), settings))
        .collect();
    let known = streams.into_iter().map(|stream| {
        let settings = laid_down.remove(&stream.variable);
        let settings = settings.unwrap_or_else(|| StreamSettings::of(stream.variable.clone()));
        Known { stream, settings }
    });
    Ok(known.collect())
}
