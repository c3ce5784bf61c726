//! GET /v1/admin/statistics: the days' figures, as they were gathered.

use crate::{App, ByStaff};
use axum::extract::State;
use domain::statistics::DayStatistics;
use http_api::{Json, Kind, Page, Problem, Query, Refusals};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// How many days one answer has at most: as many as are kept.
const MOST_DAYS: usize = 400;

/// Which days.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichDays {
    /// The first day; 30 days before the last unless said.
    from: Option<Date>,
    /// The last day, included; today unless said.
    to: Option<Date>,
}

/// List the figures of days (UTC), earliest first: what workers did by kind of task, and how large tables were. Each day's are gathered the
/// night after and kept for 400 days; days without are left out. For staff.
#[utoipa::path(
    get, path = "/v1/admin/statistics", operation_id = "listDayStatistics", tag = "operations", params(WhichDays),
    responses((status = 200, body = Page<DayStatistics>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Query(which): Query<WhichDays>,
) -> Result<Json<Page<DayStatistics>>, Problem> {
    let today = || app.source.now().to_zoned(TimeZone::UTC).date();
    let to = which.to.unwrap_or_else(today);
    let from = which.from.unwrap_or_else(|| to.saturating_sub(30.days()));
    if from > to {
        return Err(Problem::new(Kind::BadRequest, "`from` is after `to`."));
    }
    let (from, to) = (from.to_string(), to.to_string());
    let days = app.directory.statistics(&from, &to, MOST_DAYS).await?;
    Ok(Json(Page::new(days, None::<String>)))
}
