//! GET /v1/orgs/{org}: one organisation.

use super::OrganizationView;
use crate::App;
use axum::extract::State;
use domain::organization::OrgStatus;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Json, Path, Problem, Refusals};

/// Get an organisation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}", operation_id = "getOrganization", tag = "organizations", params(("org" = OrgId, Path)),
    responses((status = 200, body = OrganizationView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
) -> Result<Json<OrganizationView>, Problem> {
    caller.require(org, Permission::OrgRead)?;
    let found = app.directory.organization(org).await?;
    let living = found.filter(|org| org.status != OrgStatus::Deleted);
    living
        .map(|org| Json(org.into()))
        .ok_or_else(|| Problem::not_found("organisation"))
}
