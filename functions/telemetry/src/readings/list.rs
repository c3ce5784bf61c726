//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/readings: readings of a range, or the newest.

use super::position::Position;
use super::render::{Format, Rows};
use super::stream;
use super::view::ReadingView;
use crate::App;
use crate::stored::{self, Stored, Times};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Limit, Page, Path, Problem, Query, Refusals};
use serde::Deserialize;

/// Which readings.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The first instant of the range; without it, the stream's beginning.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, no end.
    end: Option<ReadingTime>,
    /// Only the newest so many of the range, 1 to 1000, still in ascending order. Excludes `limit` and `cursor`.
    #[param(inline)]
    last: Option<Limit>,
    /// How many readings a page has at most: 1 to 1000, or to 20000 in csv and ndjson; 100 unless said.
    #[param(inline)]
    limit: Option<Rows>,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
    /// As what: a page of `json` unless said; or lines of `csv` or `ndjson`, whose next page the header `link` names.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// Read a stream, in order of time.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/readings", operation_id = "listReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Filter),
    responses(
        (status = 200, content((Page<ReadingView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    Query(filter): Query<Filter>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(filter.start, filter.end)?;
    let after: Option<Position> = Cursor::parse(filter.cursor)?;
    if filter.last.is_some() && (filter.limit.is_some() || after.is_some()) {
        return Err(Problem::query(
            "last",
            "cannot go with `limit` or `cursor`: it is one page by itself",
        ));
    }
    let limit = filter.format.limit(filter.limit)?;
    let stream = stream(&table, device, &variable).await?;
    let stored = Stored::new(&table, device, &stream);
    let (readings, next) = match filter.last {
        Some(count) => (stored::newest(&stored, times, count.get()).await?, None),
        None => stored::page(&stored, times, after, limit).await?,
    };
    let readings = readings
        .into_iter()
        .map(ReadingView::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    filter
        .format
        .render(Page::new(readings, next), &query.unwrap_or_default())
}
