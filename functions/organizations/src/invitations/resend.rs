//! POST /v1/orgs/{org}/invitations/{invitation}/resend: mail an invitation again.

use super::{InvitationView, LIFETIME, mailing};
use crate::App;
use aws_dynamodb::{Change, Invitation};
use axum::extract::State;
use domain::journal::Event;
use domain::{Grant, InvitationId, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Kind, Once, Path, Problem, Refusals};
use serde_json::json;

/// How often an invitation is mailed at most: whoever does not answer does not want to.
const MOST_SENT: u32 = 5;

/// Mail an invitation again, with a new link in the place of the one that was mailed before. It is good for 7 days more. At most five mails in all.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/invitations/{invitation}/resend", operation_id = "resendInvitation", tag = "organizations",
    params(("org" = OrgId, Path), ("invitation" = InvitationId, Path), IdempotencyKeyHeader),
    responses(
        (status = 202, description = "Accepted; `Location` is the task that mails it", body = InvitationView),
        (status = 409, description = "It was mailed five times"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, invitation)): Path<(OrgId, InvitationId)>,
    once: Once,
) -> Result<Answered<Accepted<InvitationView>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    once.run(
        &app.directory,
        app.source.now(),
        resend(&app, &grant, &once, invitation),
    )
    .await
}

async fn resend(app: &App, grant: &Grant, once: &Once, id: InvitationId) -> Result<Accepted<InvitationView>, Problem> {
    let (table, now) = (app.tables.open(grant)?, app.source.now());
    let found = app.directory.invitation(grant.org(), id).await?;
    let found = found.filter(|found| found.expires > now);
    let found = found.ok_or_else(|| Problem::not_found("invitation, or it is used, revoked or over"))?;
    if found.sent >= MOST_SENT {
        let detail =
            "This invitation was mailed five times: revoke it, and invite the person anew once they expect it.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let expires = now.saturating_add(LIFETIME).unwrap_or(now);
    let invitation = Invitation {
        sent: found.sent + 1,
        expires,
        expires_at: expires.as_second(),
        ..found
    };
    let task = mailing(app, grant, id);
    let change = Change::told(Event {
        action: "invitation.resent",
        resource: id.to_string(),
        before: None,
        after: Some(json!({ "sent": invitation.sent, "task": task.id })),
    });
    let change = app.directory.with_resent_invitation(change, grant.org(), &invitation)?;
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: invitation.into(),
    };
    let change = app.directory.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}
