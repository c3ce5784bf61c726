//! PUT /v1/orgs/{org}/projects/{project}/filters/{variable}: set a project's filter of a variable.

use super::place;
use crate::App;
use crate::filters::set;
use crate::filters::view::FilterView;
use axum::extract::State;
use domain::filter::NewFilter;
use domain::reading::VariableName;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};

/// Set a project's filter of a variable; `If-Match: "0"` where there is none yet. Every stream of the variable in the project that has
/// none of its own goes through it, each for itself, from its next readings on.
#[utoipa::path(
    put, path = "/v1/orgs/{org}/projects/{project}/filters/{variable}", operation_id = "setProjectFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("variable" = VariableName, Path), ("if-match" = String, Header)),
    request_body = NewFilter,
    responses(
        (status = 200, body = FilterView),
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
    Json(body): Json<NewFilter>,
) -> Result<Versioned<FilterView>, Problem> {
    let grant = caller.require(org, Permission::FleetWrite)?;
    let table = app.tables.open(&grant)?;
    let place = place(&table, project, &variable).await?;
    set::set(&app, (&grant, &table), place, (version, body)).await
}
