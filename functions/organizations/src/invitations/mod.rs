//! Invitations to an organisation.

pub mod accept;
pub mod create;
pub mod list;
pub mod revoke;

use aws_dynamodb::Invitation;
use domain::text::Email;
use domain::{InvitationId, Role};
use jiff::Timestamp;
use serde::Serialize;

/// An invitation as members see it: never its token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    id: InvitationId,
    email: Email,
    role: Role,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let Invitation {
            id,
            email,
            role,
            created_at,
            expires,
            ..
        } = invitation;
        Self {
            id,
            email,
            role,
            created_at,
            expires_at: expires,
        }
    }
}
