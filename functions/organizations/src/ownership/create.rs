//! POST /v1/orgs/{org}/ownership: hand an organisation over.

use crate::App;
use crate::members::{existing, moved, refusal};
use crate::orgs::create::may_own_another;
use aws_dynamodb::{Change, Member, OrgTable};
use axum::extract::State;
use domain::access::Place;
use domain::journal::Event;
use domain::{OrgId, Permission, Role, ServiceError, UserId};
use http_api::{Answered, Authenticated, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Who shall own it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    /// A member.
    user: UserId,
}

/// Who owns it now, in the place of whom.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OwnershipView {
    org: OrgId,
    owner: UserId,
    /// Who was an owner, and is an admin now.
    before: UserId,
}

/// Hand an organisation over to another member: they become an owner, and you an admin, both at once.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/ownership", operation_id = "transferOwnership", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewOwner,
    responses((status = 200, body = OwnershipView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewOwner>,
) -> Result<Answered<Json<OwnershipView>>, Problem> {
    let grant = caller.require(org, Permission::OwnerManage)?;
    let owner = caller.person()?;
    if body.user == owner {
        return Err(Problem::field("/user", "must be somebody else"));
    }
    let table = app.tables.open(&grant)?;
    let work = transfer(&app, &table, &once, (owner, body.user));
    once.run(&app.directory, app.source.now(), work).await
}

async fn transfer(
    app: &App,
    table: &OrgTable,
    once: &Once,
    (owner, heir): (UserId, UserId),
) -> Result<Json<OwnershipView>, Problem> {
    let (owner, heir) = members(app, table.org(), (owner, heir)).await?;
    let (admin, new_owner) = (
        moved(&owner, Place::from(Role::Admin)),
        moved(&heir, Place::from(Role::Owner)),
    );
    let answer = Json(OwnershipView {
        org: table.org(),
        owner: heir.user,
        before: owner.user,
    });
    let record = once.record(&answer, app.source.now())?;
    let change = app
        .directory
        .remember(Change::told(event(table.org(), &owner, &heir)), record)?;
    let moves = [(&owner, &admin), (&heir, &new_owner)];
    let done = app.directory.change_members(table, change, moves).await;
    done.map_err(|refused| refusal(refused, || ServiceError::Conflict.into()))?;
    Ok(answer)
}

/// Both places as they are at this moment, where the one can be handed over to the other.
async fn members(app: &App, org: OrgId, (owner, heir): (UserId, UserId)) -> Result<(Member, Member), Problem> {
    let owner = existing(app, org, owner).await?;
    let nobody = || Problem::field("/user", "must be a member of the organisation");
    let heir = app.directory.member(org, heir).await?.ok_or_else(nobody)?;
    if owner.role != Role::Owner {
        return Err(ServiceError::Conflict.into());
    }
    if heir.role == Role::Owner {
        let detail = "They own the organisation already: to be an owner no more, have another owner change your role.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    may_own_another(app, heir.user).await?;
    Ok((owner, heir))
}

fn event(org: OrgId, owner: &Member, heir: &Member) -> Event {
    Event {
        action: "organization.ownership_transferred",
        resource: org.to_string(),
        before: Some(
            json!({ "owner": owner.user, "role_of_heir": heir.role, "permissions_of_heir": heir.permissions }),
        ),
        after: Some(json!({ "owner": heir.user, "role_of_former": Role::Admin })),
    }
}
