//! GET /v1/orgs/{org}/projects: the projects of an organisation.

use super::{Filter, ProjectView};
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Path, Problem, Query, Refusals};

/// List the projects of an organisation, in order of creation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects", operation_id = "listProjects", tag = "fleet",
    params(("org" = OrgId, Path), Filter),
    responses((status = 200, body = Page<ProjectView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<ProjectView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    let after = Cursor::parse(filter.cursor)?;
    let (projects, next) = table.projects(after, filter.limit.get()).await?;
    Ok(Json(Page::new(projects, next)))
}
