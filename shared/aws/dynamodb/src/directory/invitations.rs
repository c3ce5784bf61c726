//! Invitations: a one-time token by which a person becomes a member.

use super::Directory;
use super::members::Member;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::credential::TokenHash;
use domain::text::Email;
use domain::{InvitationId, OrgId, Role, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited: only the account with this address can accept.
    pub email: Email,
    /// What they become.
    pub role: Role,
    /// SHA-256 of the token.
    pub hash: TokenHash,
    /// Who invited.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires: Timestamp,
    /// When the row goes by itself (Unix seconds; DynamoDB time to live).
    pub expires_at: i64,
}

impl Directory {
    /// Stores a new invitation.
    pub async fn create_invitation(
        &self,
        table: &OrgTable,
        change: Change,
        invitation: &Invitation,
    ) -> Result<(), Refused> {
        let key = keys::invitation(table.org(), invitation.id);
        table
            .commit(change.put(&self.table, &key, invitation, Guard::Absent)?)
            .await
    }

    /// An open invitation.
    pub async fn invitation(&self, org: OrgId, id: InvitationId) -> Result<Option<Invitation>, ServiceError> {
        self.table.get(&keys::invitation(org, id)).await
    }

    /// The open invitations of an organisation, a page of them after `after`.
    pub async fn invitations(
        &self,
        org: OrgId,
        after: Option<InvitationId>,
        limit: usize,
    ) -> Result<(Vec<Invitation>, Option<InvitationId>), ServiceError> {
        let after = after.map(|id| keys::invitation(org, id).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        self.table
            .page(
                &keys::org(org).pk,
                Range::Prefix("INVITATION#"),
                walk,
                |invitation: &Invitation| invitation.id,
            )
            .await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(&self, table: &OrgTable, change: Change, id: InvitationId) -> Result<(), Refused> {
        table
            .commit(change.delete(&self.table, &keys::invitation(table.org(), id), Guard::Present)?)
            .await
    }

    /// Makes the invited person a member and uses the invitation up. `Refused::Write(0)`: it was used; `Refused::Write(1)`: they are a member.
    pub async fn accept_invitation(
        &self,
        table: &OrgTable,
        change: Change,
        id: InvitationId,
        member: &Member,
    ) -> Result<(), Refused> {
        let change = change.delete(&self.table, &keys::invitation(table.org(), id), Guard::Present)?;
        table.commit(self.add_member(change, member)?).await
    }
}
