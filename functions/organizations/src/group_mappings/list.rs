//! GET /v1/orgs/{org}/group-mappings: which groups bring which roles.

use super::GroupMappingView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the groups of identity providers that bring a role.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/group-mappings", operation_id = "listGroupMappings", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<GroupMappingView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<GroupMappingView>>, Problem> {
    caller.require(org, Permission::MemberManage)?;
    let after = Cursor::parse(paging.cursor)?;
    let (mappings, next) = app.directory.group_mappings(org, after, paging.limit.get()).await?;
    Ok(Json(Page::new(mappings, next)))
}
