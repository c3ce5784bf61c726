//! PATCH /v1/orgs/{org}/members/{user}: say what a member may do.

use super::{MemberView, existing, moved, place, refusal, told};
use crate::App;
use crate::orgs::create::may_own_another;
use aws_dynamodb::{Change, Member};
use axum::extract::State;
use domain::access::Place;
use domain::journal::Event;
use domain::{OrgId, Permission, Role, UserId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde::Deserialize;

/// Most permissions that are looked at in one request: several times what there are.
const MOST_NAMED: usize = 100;

/// What a member is to be. What is not said stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    #[schema(nullable = false)]
    role: Option<Role>,
    /// What they shall hold beyond their role, all of it: nothing about ownership, and nothing that you do not hold yourself. What the role
    /// holds anyway is left out.
    #[schema(nullable = false, max_items = 100)]
    permissions: Option<Vec<Permission>>,
}

/// Change a member's role and what they may do beyond it, from their next request on. Nobody changes their own, and nobody gives or takes what
/// they do not hold themselves: only owners make and unmake owners. An organisation always keeps one.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/members/{user}", operation_id = "updateMember", tag = "organizations",
    params(("org" = OrgId, Path), ("user" = UserId, Path), ("if-match" = String, Header)), request_body = MemberChange,
    responses(
        (status = 200, body = MemberView),
        (status = 412, description = "The member's place has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, user)): Path<(OrgId, UserId)>,
    version: IfMatch,
    Json(change): Json<MemberChange>,
) -> Result<Versioned<MemberView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::MemberManage)?)?;
    let from = existing(&app, org, user).await?;
    let wanted = wanted(&from, change)?;
    caller.may_appoint(org, user, (&place(&from), &wanted))?;
    version.must_be(from.version)?;
    if wanted.role == Role::Owner && from.role != Role::Owner {
        may_own_another(&app, user).await?;
    }
    let to = moved(&from, wanted);
    let done = app
        .directory
        .change_member(&table, Change::told(event(&from, &to)), (&from, &to));
    done.await.map_err(|refused| refusal(refused, || version.stale()))?;
    Ok(Versioned(to.version, to.into()))
}

fn wanted(from: &Member, change: MemberChange) -> Result<Place, Problem> {
    let role = change.role.unwrap_or(from.role);
    let named = change.permissions.is_some();
    let extra = change.permissions.unwrap_or_else(|| from.permissions.iter().collect());
    if extra.len() > MOST_NAMED {
        return Err(Problem::field(
            "/permissions",
            format!("must name at most {MOST_NAMED}"),
        ));
    }
    Place::new(role, &extra).map_err(|place| match named {
        true => Problem::field(
            format!("/permissions/{place}"),
            "is nothing that a member can be given beyond a role",
        ),
        false => Problem::field(
            "/role",
            "does not go with what they hold beyond their role: say `permissions`, too",
        ),
    })
}

fn event(from: &Member, to: &Member) -> Event {
    Event {
        action: "member.changed",
        resource: from.user.to_string(),
        before: told(from),
        after: told(to),
    }
}
