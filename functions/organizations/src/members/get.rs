//! GET /v1/orgs/{org}/members/{user}: one member.

use super::{MemberView, existing};
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission, UserId};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get a member of an organisation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/members/{user}", operation_id = "getMember", tag = "organizations",
    params(("org" = OrgId, Path), ("user" = UserId, Path)),
    responses((status = 200, body = MemberView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, user)): Path<(OrgId, UserId)>,
) -> Result<Versioned<MemberView>, Problem> {
    caller.require(org, Permission::MemberRead)?;
    let member = existing(&app, org, user).await?;
    Ok(Versioned(member.version, member.into()))
}
