//! DELETE /v1/orgs/{org}/members/{user}: end somebody's membership, or one's own.

use super::{existing, place, refusal, told};
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::{OrgId, Permission, Principal, ServiceError, UserId};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// Remove a member; from their next request on the organisation does not exist for them. Everybody may leave, but for the last owner.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/members/{user}", operation_id = "removeMember", tag = "organizations",
    params(("org" = OrgId, Path), ("user" = UserId, Path)),
    responses((status = 204, description = "Removed"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, user)): Path<(OrgId, UserId)>,
) -> Result<NoContent, Problem> {
    let oneself = caller.principal == Principal::User(user);
    let needed = if oneself {
        Permission::MemberSelf
    } else {
        Permission::MemberManage
    };
    let table = app.tables.open(&caller.require(org, needed)?)?;
    let member = existing(&app, org, user).await?;
    if !oneself {
        caller.may_fill(org, &place(&member))?;
    }
    let event = Event {
        action: "member.removed",
        resource: user.to_string(),
        before: told(&member),
        after: None,
    };
    let done = app.directory.remove_member(&table, Change::told(event), &member).await;
    done.map_err(|refused| refusal(refused, || ServiceError::Conflict.into()))?;
    Ok(NoContent)
}
