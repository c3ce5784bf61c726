//! GET /v1/orgs/{org}/invitations: the open invitations.

use super::InvitationView;
use crate::App;
use crate::members::list::Filter;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Path, Problem, Query, Refusals};

/// List the invitations that nobody has accepted yet.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/invitations", operation_id = "listInvitations", tag = "organizations",
    params(("org" = OrgId, Path), Filter),
    responses((status = 200, body = Page<InvitationView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<InvitationView>>, Problem> {
    caller.require(org, Permission::MemberManage)?;
    let after = Cursor::parse(filter.cursor)?;
    let (invitations, next) = app.directory.invitations(org, after, filter.limit.get()).await?;
    Ok(Json(Page::new(invitations, next)))
}
