//! Members of an organisation.

pub mod get;
pub mod list;
pub mod remove;
pub mod update;

use crate::App;
use aws_dynamodb::{Member, PlaceRefused, Refused};
use domain::access::Place;
use domain::{Caller, OrgId, Permission, Role, ServiceError, UserId};
use http_api::{Kind, Problem};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// A member, by id: names and addresses are the person's own affair.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MemberView {
    user: UserId,
    role: Role,
    /// What they hold beyond their role.
    permissions: Vec<Permission>,
    since: Timestamp,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            user: member.user,
            role: member.role,
            permissions: member.permissions.iter().collect(),
            since: member.since,
        }
    }
}

pub(crate) async fn existing(app: &App, org: OrgId, user: UserId) -> Result<Member, Problem> {
    let found = app.directory.member(org, user).await?;
    found.ok_or_else(|| Problem::not_found("member"))
}

pub(crate) fn place(member: &Member) -> Place {
    Place {
        role: member.role,
        extra: member.permissions.clone(),
    }
}

/// Refuses a role that is not given to whoever may come: that of an owner, for the reason `why`, and one that holds what the caller does not.
pub(crate) fn may_preset(caller: &Caller, org: OrgId, role: Role, why: &str) -> Result<(), Problem> {
    if role == Role::Owner {
        let detail = format!("must be admin, manager, operator or viewer: {why}");
        return Err(Problem::field("/role", detail));
    }
    Ok(caller.may_fill(org, &Place::from(role))?)
}

/// The place in the next version of it.
pub(crate) fn moved(member: &Member, to: Place) -> Member {
    Member {
        role: to.role,
        permissions: to.extra,
        by_group_of: None,
        version: member.version + 1,
        ..member.clone()
    }
}

/// A place as the journal tells it.
pub(crate) fn told(member: &Member) -> Option<Value> {
    Some(json!({ "role": member.role, "permissions": member.permissions }))
}

/// Why a place was not changed; `changed` where somebody else changed it first.
pub(crate) fn refusal(refused: PlaceRefused, changed: impl FnOnce() -> Problem) -> Problem {
    match refused {
        PlaceRefused::Changed => changed(),
        PlaceRefused::LastOwner => Problem::new(
            Kind::Conflict,
            "An organisation always has an owner, and this is the last: make somebody else one first.",
        ),
        PlaceRefused::Other(Refused::Service(error)) => error.into(),
        PlaceRefused::Other(Refused::Write(_)) => ServiceError::Conflict.into(),
    }
}
