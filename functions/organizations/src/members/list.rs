//! GET /v1/orgs/{org}/members: who belongs to an organisation.

use crate::App;
use aws_dynamodb::Member;
use axum::extract::State;
use domain::{OrgId, Permission, Role, UserId};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A member, by id: names and addresses are the person's own affair.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MemberView {
    user: UserId,
    role: Role,
    since: Timestamp,
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[serde(default)]
    limit: Limit,
    cursor: Option<Cursor>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            user: member.user,
            role: member.role,
            since: member.since,
        }
    }
}

/// List the members of an organisation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/members", operation_id = "listMembers", tag = "organizations",
    params(("org" = OrgId, Path), Filter),
    responses((status = 200, body = Page<MemberView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<MemberView>>, Problem> {
    caller.require(org, Permission::MemberRead)?;
    let after = Cursor::parse(filter.cursor)?;
    let (members, next) = app.directory.members(org, after, filter.limit.get()).await?;
    Ok(Json(Page::new(members, next)))
}
