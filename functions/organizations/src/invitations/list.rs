//! GET /v1/orgs/{org}/invitations: the open invitations.

use super::InvitationView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the invitations that nobody has accepted yet.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/invitations", operation_id = "listInvitations", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<InvitationView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InvitationView>>, Problem> {
    caller.require(org, Permission::MemberManage)?;
    let after = Cursor::parse(paging.cursor)?;
    let (invitations, next) = app.directory.invitations(org, after, paging.limit.get()).await?;
    Ok(Json(Page::new(invitations, next)))
}
