//! DELETE /v1/orgs/{org}/invitations/{invitation}: take an invitation back.

use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::{InvitationId, OrgId, Permission};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// Take an invitation back.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/invitations/{invitation}", operation_id = "revokeInvitation", tag = "organizations",
    params(("org" = OrgId, Path), ("invitation" = InvitationId, Path)),
    responses((status = 204, description = "Revoked"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, invitation)): Path<(OrgId, InvitationId)>,
) -> Result<NoContent, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    let table = app.tables.open(&grant)?;
    let event = Event {
        action: "invitation.revoked",
        resource: invitation.to_string(),
        before: None,
        after: None,
    };
    match app
        .directory
        .revoke_invitation(&table, Change::told(event), invitation)
        .await
    {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(Problem::not_found("invitation")),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
