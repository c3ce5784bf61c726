//! Who belongs to an organisation. Each place is two rows that are written together: one under the person, which the authorizer
//! reads, and one under the organisation, which lists.

use super::Directory;
use crate::OrgTable;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use domain::federation::ProviderName;
use domain::{OrgId, Role, Scopes, ServiceError, UserId};
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
    /// What they hold beyond it.
    #[serde(default)]
    pub permissions: Scopes,
    /// Since when.
    pub since: Timestamp,
    /// The identity provider whose groups brought them in, and may take them out again; none for whoever was invited, or put in their role by
    /// somebody's hand.
    #[serde(default)]
    pub by_group_of: Option<ProviderName>,
    /// Counts its changes; 0 where it is from before places had a version.
    #[serde(default)]
    pub version: u64,
}

/// Why a member's place was not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceRefused {
    /// It is not any more what it was: somebody changed it, or took it away.
    Changed,
    /// The organisation would have no owner left.
    LastOwner,
    /// The request's record is there by now, another owner or account goes at the same moment, or the database failed.
    Other(Refused),
}

/// What becomes of somebody's place.
struct Step<'a> {
    from: &'a Member,
    /// None where it ends.
    to: Option<&'a Member>,
}

impl Member {
    /// A new member with what their role holds.
    pub fn new(org: OrgId, user: UserId, role: Role, since: Timestamp) -> Self {
        Self {
            org,
            user,
            role,
            permissions: Scopes::default(),
            since,
            by_group_of: None,
            version: 1,
        }
    }
}

impl Step<'_> {
    fn makes_owner(&self) -> bool {
        self.from.role != Role::Owner && self.to.is_some_and(|to| to.role == Role::Owner)
    }

    fn unmakes_owner(&self) -> bool {
        self.from.role == Role::Owner && self.to.is_none_or(|to| to.role != Role::Owner)
    }
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

    /// Gives a member another place.
    pub async fn change_member(
        &self,
        table: &OrgTable,
        change: Change,
        (from, to): (&Member, &Member),
    ) -> Result<(), PlaceRefused> {
        self.take_steps(table, change, &[Step { from, to: Some(to) }]).await
    }

    /// The same of two members at once.
    pub async fn change_members(
        &self,
        table: &OrgTable,
        change: Change,
        [one, other]: [(&Member, &Member); 2],
    ) -> Result<(), PlaceRefused> {
        let step = |(from, to)| Step { from, to: Some(to) };
        self.take_steps(table, change, &[step(one), step(other)]).await
    }

    /// Takes a member's place away: from their next request on, the organisation does not exist for them. The domain of their address
    /// does not bring them in again.
    pub async fn remove_member(&self, table: &OrgTable, change: Change, member: &Member) -> Result<(), PlaceRefused> {
        let step = Step { from: member, to: None };
        self.take_steps(table, change, &[step]).await
    }

    /// The same for whoever's account is being deleted, which was asked for on the condition that each organisation keeps an owner.
    /// `Refused::Write(0)`: they have no place any more.
    pub async fn end_membership(&self, table: &OrgTable, change: Change, user: UserId) -> Result<(), Refused> {
        let org = table.org();
        let change = change
            .delete(&self.table, &keys::membership(user, org), Guard::Present)?
            .delete(&self.table, &keys::member(org, user), Guard::None)?;
        table.commit(change).await
    }

    /// All in one transaction, with what makes sure that the organisation keeps an owner.
    async fn take_steps(&self, table: &OrgTable, change: Change, steps: &[Step<'_>]) -> Result<(), PlaceRefused> {
        let first = change.writes.len();
        let mut change = change;
        for step in steps {
            change = self.with_step(change, step)?;
        }
        let places = first..change.writes.len();
        for gone in steps.iter().filter(|step| step.to.is_none()) {
            change = self.without_enrolment(change, gone.from.user, table.org())?;
        }
        let change = self.with_an_owner(change, table.org(), steps).await?;
        table.commit(change).await.map_err(|refused| match refused {
            Refused::Write(n) if places.contains(&n) => PlaceRefused::Changed,
            other => PlaceRefused::Other(other),
        })
    }

    /// Who becomes an owner stays; where nobody does and one goes, another owner stays.
    async fn with_an_owner(&self, change: Change, org: OrgId, steps: &[Step<'_>]) -> Result<Change, PlaceRefused> {
        if let Some(made) = steps.iter().find(|step| step.makes_owner()) {
            return Ok(self.with_account_there(change, made.from.user)?);
        }
        let Some(unmade) = steps.iter().find(|step| step.unmakes_owner()) else {
            return Ok(change);
        };
        let other = self.other_owner(org, unmade.from.user).await?;
        let other = other.ok_or(PlaceRefused::LastOwner)?;
        let change = self.with_owner_there(change, org, other)?;
        Ok(self.with_account_there(change, other)?)
    }

    fn with_step(&self, change: Change, Step { from, to }: &Step<'_>) -> Result<Change, ServiceError> {
        let (own, listed) = (keys::membership(from.user, from.org), keys::member(from.org, from.user));
        let guard = Guard::version(from.version);
        match to {
            Some(to) => change
                .put(&self.table, &own, to, guard)?
                .put(&self.table, &listed, to, Guard::Present),
            None => change
                .delete(&self.table, &own, guard)?
                .delete(&self.table, &listed, Guard::None),
        }
    }
}

impl From<ServiceError> for PlaceRefused {
    fn from(error: ServiceError) -> Self {
        Self::Other(error.into())
    }
}
