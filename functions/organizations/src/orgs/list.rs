//! GET /v1/orgs: the organisations one belongs to.

use super::OrganizationView;
use crate::App;
use axum::extract::State;
use domain::organization::OrgStatus;
use http_api::{Authenticated, Json, Page, Problem, Refusals};

/// List the organisations that you belong to.
#[utoipa::path(
    get, path = "/v1/orgs", operation_id = "listOrganizations", tag = "organizations",
    responses((status = 200, body = Page<OrganizationView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
) -> Result<Json<Page<OrganizationView>>, Problem> {
    let person = caller.person()?;
    let orgs = app.directory.organizations_of(person).await?;
    let living = orgs
        .into_iter()
        .map(|(org, _)| org)
        .filter(|org| org.status != OrgStatus::Deleted);
    Ok(Json(Page {
        items: living.map(Into::into).collect(),
        next: None,
    }))
}
