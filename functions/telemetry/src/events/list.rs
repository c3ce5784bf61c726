//! GET /v1/orgs/{org}/devices/{device}/events: the events of a device.

use super::view::EventView;
use crate::App;
use crate::readings::device;
use crate::stored::Times;
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, EventId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use serde::Deserialize;

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The first instant of the range; without it, no beginning.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, no end.
    end: Option<ReadingTime>,
    /// Only those of this variable. A page can then be short, or empty, and yet not the last.
    variable: Option<VariableName>,
    /// How many events a page has at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// List the events of a device that its reports told, newest first, without their bodies.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/events", operation_id = "listEvents", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), Filter),
    responses((status = 200, body = Page<EventView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<EventView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let Times { start, end } = Times::parse(filter.start, filter.end)?;
    let after: Option<EventId> = Cursor::parse(filter.cursor)?;
    device(&table, id).await?;
    if start >= end {
        return Ok(Json(Page::new(Vec::<EventView>::new(), None::<EventId>)));
    }
    let ids = (EventId::first_at(start), EventId::last_at(end - 1));
    let wanted = (filter.variable.as_ref(), filter.limit.get());
    let (events, next) = table.events(id, ids, (false, after), wanted).await?;
    let views = events.into_iter().map(EventView::try_from);
    Ok(Json(Page::new(views.collect::<Result<Vec<_>, _>>()?, next)))
}
