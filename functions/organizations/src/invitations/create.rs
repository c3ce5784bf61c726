//! POST /v1/orgs/{org}/invitations: invite somebody.

use super::InvitationView;
use crate::App;
use aws_dynamodb::{Change, Invitation, OrgTable};
use axum::extract::State;
use domain::access::Place;
use domain::credential::Token;
use domain::journal::Event;
use domain::text::Email;
use domain::{Grant, OrgId, Permission, Role, ServiceError};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Once, OnceJson, Path, Problem, Refusals, SHOWN_ONCE,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long an invitation can be accepted: 7 days.
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whom to invite, and as what.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    email: Email,
    role: Role,
}

/// A new invitation with its one-time token, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreatedInvitation {
    #[serde(flatten)]
    invitation: InvitationView,
    /// Pass it on to the person: `POST /v1/invitations/{token}/accept`. Missing in a replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// In a replay: what to do without the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notice: Option<&'static str>,
}

/// Invite somebody to an organisation. Only an account with that address can accept, once, within 7 days.
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
    if body.role == Role::Owner {
        return Err(Problem::field(
            "/role",
            "must be admin, manager, operator or viewer: an organisation has one owner",
        ));
    }
    caller.may_fill(org, &Place::from(body.role))?;
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
    let (id, now) = (app.source.id(), app.source.now());
    let token = Token::invitation(table.org(), id, &app.source);
    let invitation = invitation(body, id, &token, grant, now);
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
    app.directory
        .create_invitation(table, change, &invitation)
        .await
        .map_err(ServiceError::from)?;
    Ok(answer(Some(&token)))
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
        created_by: grant.actor().to_owned(),
        created_at: now,
        expires,
        expires_at: expires.as_second(),
    }
}
