//! GET /v1/orgs/{org}/projects/{project}/filters/{variable}: a project's filter of a variable.

use super::place;
use crate::App;
use crate::filters::existing;
use crate::filters::view::FilterView;
use axum::extract::State;
use domain::reading::VariableName;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get a project's filter of a variable.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects/{project}/filters/{variable}", operation_id = "getProjectFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("variable" = VariableName, Path)),
    responses((status = 200, body = FilterView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project, variable)): Path<(OrgId, ProjectId, VariableName)>,
) -> Result<Versioned<FilterView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    let set = existing(&table, place(&table, project, &variable).await?).await?;
    Ok(Versioned(set.version, FilterView::new(set, None, None)))
}
