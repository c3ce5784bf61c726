//! POST /v1/orgs/{org}/invitations: invite somebody.

use super::InvitationView;
use crate::App;
use aws_dynamodb::{Change, Invitation};
use axum::extract::State;
use domain::credential::Token;
use domain::journal::Event;
use domain::text::Email;
use domain::{Grant, OrgId, Permission, Role, ServiceError};
use http_api::{Authenticated, Created, Json, Path, Problem, Refusals};
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
    /// Pass it on to the person: `POST /v1/invitations/{token}/accept`.
    token: String,
}

/// Invite somebody to an organisation. Only an account with that address can accept, once, within 7 days.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/invitations", operation_id = "createInvitation", tag = "organizations",
    params(("org" = OrgId, Path)), request_body = NewInvitation,
    responses((status = 201, body = CreatedInvitation), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Json(body): Json<NewInvitation>,
) -> Result<Created<Json<CreatedInvitation>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    let table = app.tables.open(&grant)?;
    if body.role == Role::Owner {
        return Err(Problem::field(
            "/role",
            "must be admin, manager, operator or viewer: an organisation has one owner",
        ));
    }
    let id = app.source.id();
    let token = Token::invitation(org, id, &app.source);
    let invitation = invitation(body, id, &token, &grant, app.source.now());
    let event = Event {
        action: "invitation.created",
        resource: id.to_string(),
        before: None,
        after: Some(json!({ "role": invitation.role })),
    };
    app.directory
        .create_invitation(&table, Change::told(event), &invitation)
        .await
        .map_err(ServiceError::from)?;
    let body = CreatedInvitation {
        invitation: invitation.into(),
        token: token.reveal().to_owned(),
    };
    Ok(Created {
        location: None,
        body: Json(body),
    })
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
