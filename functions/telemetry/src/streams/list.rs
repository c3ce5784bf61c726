//! GET /v1/orgs/{org}/devices/{device}/streams: the streams of a device.

use crate::App;
use crate::readings::device;
use crate::readings::view::ReadingView;
use crate::stored::{self, Stored, Times};
use aws_dynamodb::{OrgTable, Stream};
use axum::extract::State;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId, Permission};
use futures::{StreamExt, TryStreamExt, stream};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// How many streams are looked into at once.
const AT_ONCE: usize = 8;

/// A stream of a device.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StreamView {
    variable: VariableName,
    /// When its first readings were accepted.
    created_at: Timestamp,
    /// Its newest reading; `null` for the moment between the stream's beginning and its first readings.
    last: Option<ReadingView>,
}

/// List the streams of a device, in the order of their names.
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
    let views = stream::iter(streams).map(|stream| view(&table, id, stream));
    let views: Vec<_> = views.buffered(AT_ONCE).try_collect().await?;
    Ok(Json(Page::new(views, next)))
}

async fn view(table: &OrgTable, device: DeviceId, stream: Stream) -> Result<StreamView, Problem> {
    let stored = Stored::new(table, device, &stream);
    let last = stored::newest(&stored, Times::ALL, 1).await?.pop();
    Ok(StreamView {
        last: last.map(ReadingView::try_from).transpose()?,
        variable: stream.variable,
        created_at: stream.created_at,
    })
}
