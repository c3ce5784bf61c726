//! DELETE /v1/orgs/{org}/members/{user}: end somebody's membership, or one's own.

use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::{Caller, Denied, Grant, OrgId, Permission, Role, UserId};
use http_api::{Authenticated, Kind, NoContent, Path, Problem, Refusals};
use serde_json::json;

/// Remove a member; from their next request on the organisation does not exist for them. Everybody may leave, but for the owner.
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
    let table = app.tables.open(&allowed(&caller, org, user)?)?;
    let member = app
        .directory
        .member(org, user)
        .await?
        .ok_or_else(|| Problem::not_found("member"))?;
    if member.role == Role::Owner {
        let detail = "The owner cannot be removed: an organisation always has one.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let event = Event {
        action: "member.removed",
        resource: user.to_string(),
        before: Some(json!({ "role": member.role })),
        after: None,
    };
    match app.directory.remove_member(&table, Change::told(event), user).await {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(Problem::not_found("member")),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

/// Leaving needs no permission beyond being a member.
fn allowed(caller: &Caller, org: OrgId, user: UserId) -> Result<Grant, Denied> {
    let present = caller.require(org, Permission::OrgRead)?;
    if caller.person()? == user {
        if present.status() == OrgStatus::Closing {
            return Err(Denied::NotReady(present.status()));
        }
        Ok(present)
    } else {
        caller.require(org, Permission::MemberManage)
    }
}
