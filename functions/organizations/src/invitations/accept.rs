//! POST /v1/invitations/{token}/accept: become a member.

use crate::App;
use aws_dynamodb::{Change, Invitation, Member, OrgTable, Refused};
use axum::extract::State;
use domain::access::Place;
use domain::credential::{Token, TokenKind};
use domain::journal::{Event, Origin};
use domain::{Caller, OrgId, Permission, Principal, Role, UserId};
use http_api::{Answered, Authenticated, IdempotencyKeyHeader, Json, Kind, Once, Path, Problem, Refusals};
use serde::Serialize;
use serde_json::json;

/// The place that was taken.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Joined {
    org: OrgId,
    role: Role,
}

/// Accept an invitation, signed in as the person who was invited.
#[utoipa::path(
    post, path = "/v1/invitations/{token}/accept", operation_id = "acceptInvitation", tag = "organizations",
    params(("token" = String, Path), IdempotencyKeyHeader),
    responses((status = 200, body = Joined), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(token): Path<String>,
    once: Once,
) -> Result<Answered<Json<Joined>>, Problem> {
    let person = caller.person()?;
    let token = Token::parse(TokenKind::Invitation, &token).map_err(|_| no_longer_good())?;
    once.run(
        &app.directory,
        app.source.now(),
        accept(&app, &once, (person, caller.origin), &token),
    )
    .await
}

async fn accept(
    app: &App,
    once: &Once,
    (person, origin): (UserId, Origin),
    token: &Token,
) -> Result<Json<Joined>, Problem> {
    let (org, id) = (token.id::<OrgId>(0), token.id(1));
    let found = app.directory.invitation(org, id).await?;
    let invitation = found
        .filter(|found| found.opens_with(&token.hash()))
        .ok_or_else(no_longer_good)?;
    check(app, person, &invitation).await?;

    let table = table(app, org, (person, invitation.role), origin).await?;
    let (role, since) = (invitation.role, app.source.now());
    let member = Member::new(org, person, role, since);
    let event = Event {
        action: "member.joined",
        resource: person.to_string(),
        before: None,
        after: Some(json!({ "role": role, "invitation": id })),
    };
    let answer = Json(Joined { org, role });
    let record = once.record(&answer, since)?;
    let change = app.directory.remember(Change::told(event), record)?;
    match app.directory.accept_invitation(&table, change, id, &member).await {
        Ok(()) => Ok(answer),
        Err(Refused::Write(0)) => Err(no_longer_good()),
        Err(Refused::Write(_)) => Err(Problem::new(
            Kind::Conflict,
            "You are a member of this organisation already.",
        )),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

async fn check(app: &App, person: UserId, invitation: &Invitation) -> Result<(), Problem> {
    let account = app.directory.user(person).await?;
    let invited = account.is_some_and(|account| account.email == invitation.email);
    if !invited || invitation.expires <= app.source.now() {
        return Err(no_longer_good());
    }
    Ok(())
}

/// The invitation is the right to enter: its owner's grant was checked when it was made.
async fn table(app: &App, org: OrgId, (person, role): (UserId, Role), origin: Origin) -> Result<OrgTable, Problem> {
    let org = app.directory.organization(org).await?.ok_or_else(no_longer_good)?;
    let guest = Caller::arriving(Principal::User(person), &org, Place::from(role).into(), origin);
    Ok(app.tables.open(&guest.require(org.id, Permission::MemberSelf)?)?)
}

/// One answer for every token that does not open: which part was wrong is nobody's business.
fn no_longer_good() -> Problem {
    let detail = "This invitation is not, or no longer, good for your account: it may be used, revoked, older than 7 days, or for another address. Ask for a new one.";
    Problem::new(Kind::NotFound, detail)
}
