//! GET /v1/orgs/{org}/members: who belongs to an organisation.

use super::MemberView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the members of an organisation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/members", operation_id = "listMembers", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<MemberView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MemberView>>, Problem> {
    caller.require(org, Permission::MemberRead)?;
    let after = Cursor::parse(paging.cursor)?;
    let (members, next) = app.directory.members(org, after, paging.limit.get()).await?;
    Ok(Json(Page::new(members, next)))
}
