//! What keeps an organisation owned. Whatever unmakes an owner names another one, who must still be one when it is written and whose account must
//! stay: of the last two who go at once, by whatever way, one does not.

use super::Directory;
use crate::keys;
use crate::transaction::{Change, Guard};
use domain::{OrgId, Role, ServiceError, UserId};

/// How many members are read at once.
const LISTED: usize = 100;

impl Directory {
    /// An owner of an organisation other than this person, whose account is not being deleted.
    pub async fn other_owner(&self, org: OrgId, user: UserId) -> Result<Option<UserId>, ServiceError> {
        let mut after = None;
        loop {
            let (members, next) = self.members(org, after, LISTED).await?;
            let owners = members
                .iter()
                .filter(|member| member.role == Role::Owner && member.user != user);
            for owner in owners {
                let state = self.account_state(owner.user).await?;
                if state.is_some_and(|state| state.deleted_by.is_none()) {
                    return Ok(Some(owner.user));
                }
            }
            after = next;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    /// Adds to a change that an account stays: it is there, and no task is to delete it.
    pub(super) fn with_account_there(&self, change: Change, user: UserId) -> Result<Change, ServiceError> {
        change.check(&self.table, &keys::user(user), Guard::Stays)
    }

    /// Adds to a change that somebody is an owner of an organisation.
    pub(super) fn with_owner_there(&self, change: Change, org: OrgId, owner: UserId) -> Result<Change, ServiceError> {
        change.check(&self.table, &keys::member(org, owner), Guard::Owner)
    }
}
