//! GET /v1/orgs/{org}/machines: the machines.

use super::MachineView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the machines of an organisation, in order of registration.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/machines", operation_id = "listMachines", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<MachineView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MachineView>>, Problem> {
    caller.require(org, Permission::MachineManage)?;
    let after = Cursor::parse(paging.cursor)?;
    let (machines, next) = app.directory.machines(org, after, paging.limit.get()).await?;
    Ok(Json(Page::new(machines, next)))
}
