//! DELETE /v1/orgs/{org}/projects/{project}/filters/{variable}: delete a project's filter of a variable.

use super::place;
use crate::App;
use crate::filters::set;
use axum::extract::State;
use domain::reading::VariableName;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, NoContent, Path, Problem, Refusals};

/// Delete a project's filter of a variable. What it has asked for before is still done.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/projects/{project}/filters/{variable}", operation_id = "deleteProjectFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("variable" = VariableName, Path), ("if-match" = String, Header)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "The filter has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project, variable)): Path<(OrgId, ProjectId, VariableName)>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let place = place(&table, project, &variable).await?;
    set::delete(&table, place, version).await
}
