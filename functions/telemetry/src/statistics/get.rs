//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/statistics: a stream in numbers.

use super::summarise::{check_windows, windows};
use super::window::Window;
use crate::App;
use crate::readings::stream;
use crate::stored::{Stored, Times};
use axum::extract::State;
use blocks::{Summary, WindowSummary};
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use serde::{Deserialize, Serialize};

/// Which readings, in which windows.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The first instant of the range; without it, the stream's beginning.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, no end.
    end: Option<ReadingTime>,
    /// The width of a window, such as `30s`, `5m`, `1h` or `7d`; windows begin at multiples of it since 1970. Without it, one window:
    /// the range.
    #[param(inline)]
    window: Option<Window>,
    /// How many windows a page has at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// The readings of one window. Windows without readings are left out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StatisticsView {
    /// Where the window begins. The first can begin before the range; only readings of the range count.
    start: ReadingTime,
    /// How many readings.
    count: u64,
    /// The least value.
    min: f64,
    /// The greatest value.
    max: f64,
    /// The sum of the values; `null` when it is beyond what a number can say.
    sum: Option<f64>,
    /// Their mean; `null` with the sum.
    mean: Option<f64>,
    /// Their sample standard deviation (n - 1); `null` for one reading.
    stddev: Option<f64>,
    /// The value of the first reading.
    first: f64,
    /// The value of the last reading.
    last: f64,
}

/// Summarise a stream, window by window.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/statistics", operation_id = "getStatistics", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Filter),
    responses((status = 200, body = Page<StatisticsView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<StatisticsView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(filter.start, filter.end)?;
    let after: Option<i64> = Cursor::parse(filter.cursor)?;
    let stream = stream(&table, device, &variable).await?;
    let stored = Stored::new(&table, device, &stream);
    let width = filter.window.map(|window| window.0);
    let rest = match (width, after) {
        (Some(width), Some(after)) => rest(times, after, width.get()),
        (Some(width), None) => {
            check_windows(&stored, times, width).await?;
            times
        }
        (None, Some(_)) => return Err(Problem::query("cursor", "goes with the `window` of the page before")),
        (None, None) => times,
    };
    let (mut windows, more) = windows(&stored, rest, width, filter.limit.get()).await?;
    if let (None, None, Some(only)) = (width, filter.start, windows.first_mut()) {
        only.start = only.summary.first.time;
    }
    let next = windows.last().filter(|_| more).map(|window| window.start);
    let views = windows
        .into_iter()
        .map(StatisticsView::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::new(views, next)))
}

/// What is left of a range after the window that began at `after`.
fn rest(times: Times, after: i64, width: u64) -> Times {
    let start = after.saturating_add(i64::try_from(width).unwrap_or(i64::MAX));
    Times {
        start: times.start.max(start),
        ..times
    }
}

impl TryFrom<WindowSummary> for StatisticsView {
    type Error = Problem;
    fn try_from(window: WindowSummary) -> Result<Self, Problem> {
        let summary @ Summary { count, min, max, .. } = window.summary;
        let finite = |number: f64| Some(number).filter(|number| number.is_finite());
        Ok(Self {
            start: ReadingTime::from_nanos(window.start).map_err(Problem::internal)?,
            count,
            min,
            max,
            sum: finite(summary.sum),
            mean: finite(summary.mean()),
            stddev: summary.stddev().and_then(finite),
            first: summary.first.value,
            last: summary.last.value,
        })
    }
}
