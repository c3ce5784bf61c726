//! GET /v1/admin/work: what workers did on a day at tasks of a kind.

use crate::{App, ByStaff};
use axum::extract::State;
use domain::OrgId;
use domain::task::{TaskKind, UPLOAD_KIND, WorkEntry};
use http_api::{Cursor, Json, Kind, Limit, Page, Problem, Query, Refusals};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// Most batches that one page looks at.
const LOOKED_AT: usize = 2_000;

/// Which attempts, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichWork {
    /// At tasks of this kind, as in `organization.create`; `telemetry.upload` for uploads.
    kind: String,
    /// Of this day, UTC; today unless said.
    day: Option<Date>,
    /// For this organisation.
    org: Option<OrgId>,
    /// How many batches at most; one holds the attempts that a worker made together.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// List the attempts of workers at tasks of a kind on a day, in the order of their recording, of the last 30 days. Uploads of one
/// organisation that were worked on together are one entry. For staff; nobody's data is in it.
#[utoipa::path(
    get, path = "/v1/admin/work", operation_id = "listWork", tag = "operations", params(WhichWork),
    responses((status = 200, body = Page<WorkEntry>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Query(which): Query<WhichWork>,
) -> Result<Json<Page<WorkEntry>>, Problem> {
    let kind = known(&which.kind)?;
    let today = || app.source.now().to_zoned(TimeZone::UTC).date();
    let day = which.day.unwrap_or_else(today).to_string();
    let mut after = Cursor::parse(which.cursor)?.map(|Place(place)| place);
    let (limit, mut found, mut looked_at) = (which.limit.get(), Vec::new(), 0);
    loop {
        let (entries, next) = app.directory.work(kind, &day, after, limit).await?;
        let of_org = |entry: &WorkEntry| which.org.is_none_or(|org| entry.org == Some(org));
        found.extend(entries.into_iter().filter(of_org));
        (after, looked_at) = (next, looked_at + limit);
        if after.is_none() || found.len() >= limit || looked_at >= LOOKED_AT {
            return Ok(Json(Page::new(found, after)));
        }
    }
}

/// A place in the log: an item's own id.
struct Place(ulid::Ulid);

impl std::str::FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        domain::id::parse_ulid(text).map(Self).ok_or("not a place in the log")
    }
}

fn known(kind: &str) -> Result<&'static str, Problem> {
    let kind = TaskKind::parse(kind)
        .map(TaskKind::as_str)
        .or((kind == UPLOAD_KIND).then_some(UPLOAD_KIND));
    kind.ok_or_else(|| Problem::new(Kind::BadRequest, "There is no such `kind` of tasks."))
}
