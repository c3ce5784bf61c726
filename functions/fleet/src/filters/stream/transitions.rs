//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/filter/transitions: the transitions that a stream made.

use super::place;
use crate::App;
use crate::filters::view::TransitionView;
use axum::extract::State;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the transitions that a stream made in its filters, newest first. They are kept for 30 days.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/filter/transitions", operation_id = "listFilterTransitions", tag = "fleet",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), Paging),
    responses((status = 200, body = Page<TransitionView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TransitionView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    place(&table, device, &variable).await?;
    let before = Cursor::parse(paging.cursor)?;
    let limit = paging.limit.get();
    let (made, next) = table.filter_transitions((device, &variable), before, limit).await?;
    Ok(Json(Page::new(made, next)))
}
