//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/statistics: a stream in numbers.

use super::percents::Percents;
use super::summarise::{check_windows, summarise};
use super::window::{Window, Zone};
use crate::App;
use crate::readings::stream;
use crate::readings::view::InUnit;
use crate::scaling::{Rescale, Scaled, Scaling};
use crate::series::Series;
use crate::stored::{Bounds, Times};
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use statistics::{Tally, WindowTally, Windows};

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
    /// the range. Or `day`, `week` (from Monday) or `month` of the calendar in `time_zone`.
    #[param(inline)]
    window: Option<Window>,
    /// Where days, weeks and months begin: a name of the IANA time zone database, such as `Europe/Berlin`; without it, UTC.
    #[param(inline)]
    time_zone: Option<Zone>,
    /// Which percentiles of each window to tell as well, such as `50,95,99.9`. They take longer: nothing of the range is answered from
    /// sums then.
    #[param(inline)]
    percentiles: Option<Percents>,
    /// How many windows a page has at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
    /// Whose scale the values are told by: the output scale of the `stream` unless said, or `none`, as they are stored.
    #[serde(default)]
    #[param(inline)]
    scale: Scaled,
    /// A scale of one's own on top: offset, multiplier and divisor, such as `32,9,5` from °C to °F.
    #[param(inline)]
    rescale: Option<Rescale>,
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
    /// How much the value changes in a second from the first reading to the last; `null` where these are of one time.
    rate: Option<f64>,
    /// The percentiles that were asked for: each the least value that is no less than so many percent of all, exact in windows of up to
    /// 16,384 readings, else within 1/256 of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    percentiles: Option<Vec<PercentileView>>,
}

/// A percentile.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PercentileView {
    /// How many percent, from 0, the least value, to 100, the greatest.
    percent: f64,
    /// The value.
    value: f64,
}

impl StatisticsView {
    /// The same of several streams, which have no rate in common.
    pub(super) fn without_rate(self) -> Self {
        Self { rate: None, ..self }
    }
}

/// Summarise a stream, window by window.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/statistics", operation_id = "getStatistics", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Filter),
    responses((status = 200, body = InUnit<StatisticsView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    Query(filter): Query<Filter>,
) -> Result<Json<InUnit<StatisticsView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(filter.start, filter.end)?;
    let after: Option<i64> = Cursor::parse(filter.cursor)?;
    let stream = stream(&table, device, &variable).await?;
    let series = Series::of(&table, device, &stream).await?;
    let windows = windows(filter.window, filter.time_zone)?;
    let rest = match (filter.window, after) {
        (Some(_), Some(after)) => rest(times, after, &windows),
        (Some(window), None) => {
            check_windows(&series, times, window).await?;
            times
        }
        (None, Some(_)) => return Err(Problem::query("cursor", "goes with the `window` of the page before")),
        (None, None) => times,
    };
    let percents = filter.percentiles.unwrap_or_default().0;
    let asked = (&windows, !percents.is_empty());
    let mut found = summarise(&series, rest, asked, (filter.limit.get(), Bounds::REQUEST)).await?;
    if let (None, None, Some(only)) = (filter.window, filter.start, found.windows.first_mut()) {
        only.start = only.tally.first().time;
    }
    let next = found.windows.last().filter(|_| found.more).map(|window| window.start);
    let scaling = Scaling::of(&stream.settings, filter.scale, filter.rescale);
    let views = found.windows.iter().map(|window| view(window, &percents, &scaling));
    let page = Page::new(views.collect::<Result<Vec<_>, _>>()?, next);
    Ok(Json(InUnit::new(page, scaling.unit)))
}

/// The windows that a query asks for.
pub(super) fn windows(window: Option<Window>, zone: Option<Zone>) -> Result<Windows, Problem> {
    if zone.is_some() && !window.is_some_and(Window::has_zone) {
        return Err(Problem::query(
            "time_zone",
            "goes with a `window` of day, week or month",
        ));
    }
    let zone = zone.map_or(TimeZone::UTC, |zone| zone.0);
    Ok(window.map_or(Windows::Whole, |window| window.windows(zone)))
}

/// What is left of a range after the window that began at `after`.
pub(super) fn rest(times: Times, after: i64, windows: &Windows) -> Times {
    let start = windows.of(after).last.saturating_add(1);
    Times {
        start: times.start.max(start),
        ..times
    }
}

/// A window as answers show it.
pub(super) fn view(window: &WindowTally, percents: &[f64], scaling: &Scaling) -> Result<StatisticsView, Problem> {
    let tally = &window.tally;
    let finite = |number: f64| Some(number).filter(|number| number.is_finite());
    let ends = (scaling.value(tally.min()), scaling.value(tally.max()));
    let (min, max) = if scaling.turns() { (ends.1, ends.0) } else { ends };
    let percentiles: Vec<_> = percents
        .iter()
        .filter_map(|percent| percentile(tally, *percent, scaling))
        .collect();
    Ok(StatisticsView {
        start: ReadingTime::from_nanos(window.start.max(0)).map_err(Problem::internal)?,
        count: tally.count(),
        min,
        max,
        sum: finite(scaling.sum(tally.sum(), tally.count())),
        mean: finite(scaling.sum(tally.mean(), 1)),
        stddev: tally
            .stddev()
            .and_then(|deviation| finite(scaling.distance(deviation).abs())),
        first: scaling.value(tally.first().value),
        last: scaling.value(tally.last().value),
        rate: tally.rate().and_then(|rate| finite(scaling.distance(rate))),
        percentiles: Some(percentiles).filter(|percentiles| !percentiles.is_empty()),
    })
}

/// Where greater values become smaller ones, ranks are counted from the other end.
fn percentile(tally: &Tally, percent: f64, scaling: &Scaling) -> Option<PercentileView> {
    let of = tally.percentiles()?;
    let value = if scaling.turns() {
        of.from_above(percent)
    } else {
        of.at(percent)
    };
    Some(PercentileView {
        percent,
        value: scaling.value(value?),
    })
}
