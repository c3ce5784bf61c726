//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/readings: readings of a range, or the newest.

use super::position::Position;
use super::render::{Format, Rows};
use super::stream;
use super::view::{InUnit, ReadingView};
use crate::App;
use crate::scaling::{Rescale, Scaled, Scaling};
use crate::series::Series;
use crate::stored::{self, Times};
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
    /// Whose scale the values come by: the output scale of the `stream` unless said, or `none`, as they are stored.
    #[serde(default)]
    #[param(inline)]
    scale: Scaled,
    /// A scale of one's own on top: offset, multiplier and divisor, such as `32,9,5` from °C to °F.
    #[param(inline)]
    rescale: Option<Rescale>,
}

/// Read a stream, in order of time.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/readings", operation_id = "listReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Filter),
    responses(
        (status = 200, content((InUnit<ReadingView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
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
    let series = Series::of(&table, device, &stream).await?;
    let (readings, next) = match filter.last {
        Some(count) => (stored::newest(&series, times, count.get()).await?, None),
        None => stored::page(&series, times, after, limit).await?,
    };
    let scaling = Scaling::of(&stream.settings, filter.scale, filter.rescale);
    let readings = scaling
        .readings(readings)
        .map(ReadingView::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let page = InUnit::new(Page::new(readings, next), scaling.unit);
    filter.format.render(page, &query.unwrap_or_default())
}
