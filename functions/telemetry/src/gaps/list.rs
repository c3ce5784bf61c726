//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/gaps: when a stream was silent.

use super::find::find;
use crate::App;
use crate::readings::stream;
use crate::series::Series;
use crate::statistics::window::parse;
use crate::stored::Times;
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use serde::{Deserialize, Serialize};
use statistics::Gap;
use std::num::NonZeroU64;

/// The longest text of a length: five digits and a unit.
const LONGEST: usize = 6;

/// Which gaps.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The first instant of the range; without it, the stream's first reading.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, the stream's last reading.
    end: Option<ReadingTime>,
    /// Only gaps that are longer, such as `30s`, `5m`, `1h` or `7d`.
    #[param(inline)]
    longer_than: Length,
    /// How many gaps a page has at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// A length of time in nanoseconds: a number and a unit, from one second on.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[1-9][0-9]{0,4}[smhd]$", example = "5m")]
pub struct Length(NonZeroU64);

/// A time without readings.
#[derive(Serialize, utoipa::ToSchema)]
pub struct GapView {
    /// When the reading that it follows was taken, or where the range begins.
    after: ReadingTime,
    /// When the reading that ends it was taken, or where the range ends.
    until: ReadingTime,
    /// How long it is, in seconds.
    seconds: f64,
}

/// Find when a stream was silent.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/gaps", operation_id = "listGaps", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Filter),
    responses((status = 200, body = Page<GapView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<GapView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(filter.start, filter.end)?;
    let after: Option<i64> = Cursor::parse(filter.cursor)?;
    let stream = stream(&table, device, &variable).await?;
    // Where the last gap ended there is a reading.
    let start = times.start.max(after.unwrap_or(times.start));
    let rest = Times { start, ..times };
    let series = Series::of(&table, device, &stream).await?;
    let (gaps, more) = find(&series, rest, filter.longer_than.0.get(), filter.limit.get()).await?;
    let next = gaps.last().filter(|_| more).map(|gap| gap.until);
    let views = gaps.into_iter().map(GapView::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::new(views, next)))
}

impl TryFrom<String> for Length {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let length = Some(&text)
            .filter(|text| text.len() <= LONGEST)
            .and_then(|text| parse(text));
        length
            .map(Self)
            .ok_or("must be a whole number of up to five digits and s, m, h or d, such as 30s, 5m, 1h or 7d")
    }
}

impl TryFrom<Gap> for GapView {
    type Error = Problem;
    fn try_from(gap: Gap) -> Result<Self, Problem> {
        let time = |nanos| ReadingTime::from_nanos(nanos).map_err(Problem::internal);
        Ok(Self {
            after: time(gap.after)?,
            until: time(gap.until)?,
            seconds: gap.until.abs_diff(gap.after) as f64 / 1e9,
        })
    }
}
