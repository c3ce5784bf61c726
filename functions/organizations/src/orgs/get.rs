//! GET /v1/orgs/{org}: one organisation.

use super::{OrganizationDetail, existing};
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get an organisation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}", operation_id = "getOrganization", tag = "organizations", params(("org" = OrgId, Path)),
    responses((status = 200, body = OrganizationDetail), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
) -> Result<Versioned<OrganizationDetail>, Problem> {
    caller.require(org, Permission::OrgRead)?;
    let (org, profile) = existing(&app, org).await?;
    Ok(OrganizationDetail::versioned(org, profile))
}
