//! GET /v1/orgs/{org}/projects: the projects of an organisation.

use super::ProjectView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the projects of an organisation, in order of creation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects", operation_id = "listProjects", tag = "fleet",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<ProjectView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ProjectView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    let after = Cursor::parse(paging.cursor)?;
    let (projects, next) = table.projects(after, paging.limit.get()).await?;
    Ok(Json(Page::new(projects, next)))
}
