//! GET /v1/orgs/{org}/projects/{project}: one project.

use super::{ProjectView, existing};
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get a project.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects/{project}", operation_id = "getProject", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path)),
    responses((status = 200, body = ProjectView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
) -> Result<Versioned<ProjectView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    let project = existing(&table, project).await?;
    Ok(Versioned(project.version, project.into()))
}
