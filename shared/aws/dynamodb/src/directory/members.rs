//! Who belongs to an organisation. Each place is two rows that are written together: one under the person, which the authorizer
//! reads, and one under the organisation, which lists.

use super::Directory;
use crate::OrgTable;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use domain::federation::ProviderName;
use domain::{OrgId, Role, ServiceError, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A person's place in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// Their role.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
    /// The identity provider whose groups brought them in, and may take them out again; none for whoever was invited, or put in their role by
    /// somebody's hand.
    #[serde(default)]
    pub by_group_of: Option<ProviderName>,
}

impl Directory {
    pub(crate) fn add_member(&self, change: Change, member: &Member) -> Result<Change, ServiceError> {
        let Member { org, user, .. } = *member;
        change
            .put(&self.table, &keys::membership(user, org), member, Guard::Absent)?
            .put(&self.table, &keys::member(org, user), member, Guard::None)
    }

    /// One member.
    pub async fn member(&self, org: OrgId, user: UserId) -> Result<Option<Member>, ServiceError> {
        self.table.get(&keys::member(org, user)).await
    }

    /// Every place of a person, at most 1,000.
    pub async fn places_of(&self, user: UserId) -> Result<Vec<Member>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: super::users::MAX_ORGANIZATIONS,
        };
        let found = self
            .table
            .query(&keys::user(user).pk, Range::Prefix("ORG#"), walk)
            .await?;
        Ok(found.items)
    }

    /// The members of an organisation, a page of them after `after`.
    pub async fn members(
        &self,
        org: OrgId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<(Vec<Member>, Option<UserId>), ServiceError> {
        let after = after.map(|user| keys::member(org, user).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        self.table
            .page(&keys::org(org).pk, Range::Prefix("MEMBER#"), walk, |member: &Member| {
                member.user
            })
            .await
    }

    /// Takes a member's place away: from their next request on, the organisation does not exist for them. The domain of their address does not
    /// bring them in again.
    pub async fn remove_member(&self, table: &OrgTable, change: Change, user: UserId) -> Result<(), Refused> {
        let org = table.org();
        let change = change
            .delete(&self.table, &keys::membership(user, org), Guard::Present)?
            .delete(&self.table, &keys::member(org, user), Guard::None)?;
        table.commit(self.without_enrolment(change, user, org)?).await
    }
}
