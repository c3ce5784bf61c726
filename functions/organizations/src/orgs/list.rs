//! GET /v1/orgs: the organisations one belongs to.

use super::OrganizationView;
use crate::App;
use axum::extract::State;
use domain::organization::OrgStatus;
use http_api::{Authenticated, Cursor, Json, Page, Paging, Problem, Query, Refusals};

/// List the organisations that you belong to. A page can have fewer than it might, where some are no more.
#[utoipa::path(
    get, path = "/v1/orgs", operation_id = "listOrganizations", tag = "organizations", params(Paging),
    responses((status = 200, body = Page<OrganizationView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OrganizationView>>, Problem> {
    let person = caller.person()?;
    let after = Cursor::parse(paging.cursor)?;
    let page = app.directory.organizations_page(person, after, paging.limit.get());
    let (places, next) = page.await?;
    let orgs = places.into_iter().map(|(org, _)| org);
    let living: Vec<_> = orgs.filter(|org| org.status != OrgStatus::Deleted).collect();
    Ok(Json(Page::new(living, next)))
}
