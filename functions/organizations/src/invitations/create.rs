//! POST /v1/orgs/{org}/invitations: invite somebody.

use super::{InvitationView, LIFETIME, mailing};
use crate::App;
use crate::members::may_preset;
use aws_dynamodb::{Change, Invitation, OrgTable};
use axum::extract::State;
use domain::credential::Token;
use domain::journal::Event;
use domain::text::Email;
use domain::{Grant, OrgId, Permission, Role, ServiceError};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
    SHOWN_ONCE,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most open invitations of an organisation: each is mail to somebody who has not asked for it.
const MOST_OPEN: usize = 200;

/// Whom to invite, and as what.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    email: Email,
    role: Role,
}

/// A new invitation with a one-time token, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreatedInvitation {
    #[serde(flatten)]
    invitation: InvitationView,
    /// For passing it on by another way than mail: `POST /v1/invitations/{token}/accept`. Missing in a replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// In a replay: what to do without the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notice: Option<&'static str>,
}

/// Invite somebody to an organisation. They are mailed a link with a token of its own. Only an account with that address can accept, once, within
/// 7 days. An organisation has 200 open invitations at most.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/invitations", operation_id = "createInvitation", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewInvitation,
    responses((status = 201, body = CreatedInvitation), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewInvitation>,
) -> Result<Answered<Created<Json<CreatedInvitation>>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    may_preset(&caller, org, body.role, "owners are made of members, by an owner")?;
    let table = app.tables.open(&grant)?;
    once.run(
        &app.directory,
        app.source.now(),
        invite(&app, &table, &grant, &once, body),
    )
    .await
}

async fn invite(
    app: &App,
    table: &OrgTable,
    grant: &Grant,
    once: &Once,
    body: NewInvitation,
) -> Result<Created<Json<CreatedInvitation>>, Problem> {
    few_enough(app, table.org()).await?;
    let (id, now) = (app.source.id(), app.source.now());
    let token = Token::invitation(table.org(), id, &app.source);
    let invitation = invitation(body, id, &token, grant, now);
    let task = mailing(app, grant, id);
    let event = Event {
        action: "invitation.created",
        resource: id.to_string(),
        before: None,
        after: Some(json!({ "role": invitation.role })),
    };
    let answer = |token: Option<&Token>| Created {
        location: None,
        body: Json(CreatedInvitation {
            invitation: invitation.clone().into(),
            token: token.map(|token| token.reveal().to_owned()),
            notice: token.is_none().then_some(SHOWN_ONCE),
        }),
    };
    let record = once.record(&answer(None), now)?;
    let change = app.directory.remember(Change::told(event), record)?;
    let change = app.directory.with_invitation(change, table.org(), &invitation)?;
    let change = app.directory.with_task(change, &task)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer(Some(&token)))
}

async fn few_enough(app: &App, org: OrgId) -> Result<(), Problem> {
    let (open, _) = app.directory.invitations(org, None, MOST_OPEN).await?;
    if open.len() < MOST_OPEN {
        return Ok(());
    }
    let detail = format!("There are {MOST_OPEN} open invitations, the most there can be: revoke some.");
    Err(Problem::new(Kind::Conflict, detail))
}

fn invitation(
    body: NewInvitation,
    id: domain::InvitationId,
    token: &Token,
    grant: &Grant,
    now: Timestamp,
) -> Invitation {
    let expires = now.saturating_add(LIFETIME).unwrap_or(now);
    Invitation {
        id,
        email: body.email,
        role: body.role,
        hash: token.hash(),
        link: None,
        sent: 1,
        created_by: grant.actor().to_owned(),
        created_at: now,
        expires,
        expires_at: expires.as_second(),
    }
}
