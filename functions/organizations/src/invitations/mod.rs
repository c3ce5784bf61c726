//! Invitations to an organisation.

pub mod accept;
pub mod create;
pub mod list;
pub mod resend;
pub mod revoke;

use crate::App;
use aws_dynamodb::Invitation;
use domain::task::{Task, TaskKind};
use domain::text::Email;
use domain::{Grant, InvitationId, Role};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

/// How long an invitation can be accepted: 7 days.
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An invitation as members see it: never its token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    id: InvitationId,
    email: Email,
    role: Role,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// How often it was mailed.
    sent: u32,
}

/// The task that mails an invitation's link.
fn mailing(app: &App, grant: &Grant, invitation: InvitationId) -> Task {
    let (kind, now) = (TaskKind::TellInvitation, app.source.now());
    let task = Task::queued(app.source.id(), grant.org(), kind, grant.actor(), now);
    task.with_input(json!({ "invitation": invitation }))
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let Invitation {
            id,
            email,
            role,
            created_at,
            expires,
            sent,
            ..
        } = invitation;
        Self {
            id,
            email,
            role,
            created_at,
            expires_at: expires,
            sent,
        }
    }
}
