//! Invitations: a one-time token by which a person becomes a member.

use super::Directory;
use super::members::Member;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::credential::{Token, TokenHash};
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
    /// SHA-256 of the token that whoever invited was shown.
    pub hash: TokenHash,
    /// SHA-256 of the latest token that was mailed, where one was.
    #[serde(default)]
    pub link: Option<TokenHash>,
    /// How often it was mailed.
    #[serde(default)]
    pub sent: u32,
    /// Who invited.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires: Timestamp,
    /// When the row goes by itself (Unix seconds; DynamoDB time to live).
    pub expires_at: i64,
}

/// What a mail stores of an invitation.
#[derive(Serialize)]
struct Mailed {
    link: TokenHash,
}

/// What mailing it again changes of it.
#[derive(Serialize)]
struct Resent {
    sent: u32,
    expires: Timestamp,
    expires_at: i64,
}

impl Invitation {
    /// Whether a token is its own: the one that was shown, or the latest that was mailed.
    pub fn opens_with(&self, token: &TokenHash) -> bool {
        token.matches(&self.hash) || self.link.as_ref().is_some_and(|link| token.matches(link))
    }
}

impl Directory {
    /// Adds a new invitation to a change.
    pub fn with_invitation(&self, change: Change, org: OrgId, invitation: &Invitation) -> Result<Change, ServiceError> {
        let key = keys::invitation(org, invitation.id);
        change.put(&self.table, &key, invitation, Guard::Absent)
    }

    /// Adds to a change that an invitation is mailed once more, and how long it is good now. The write is refused where it is gone.
    pub fn with_resent_invitation(
        &self,
        change: Change,
        org: OrgId,
        invitation: &Invitation,
    ) -> Result<Change, ServiceError> {
        let resent = Resent {
            sent: invitation.sent,
            expires: invitation.expires,
            expires_at: invitation.expires_at,
        };
        let key = keys::invitation(org, invitation.id);
        change.set(&self.table, &key, &resent, Guard::Present)
    }

    /// Stores the hash of the token that is about to be mailed, in the place of any before. [`ServiceError::Conflict`]: the invitation is
    /// gone.
    pub async fn put_invitation_link(&self, org: OrgId, id: InvitationId, token: &Token) -> Result<(), ServiceError> {
        let mailed = Mailed { link: token.hash() };
        let change = Change::silent().set(&self.table, &keys::invitation(org, id), &mailed, Guard::Present)?;
        Ok(change.send(&self.table).await?)
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
