//! Places in an organisation that its people give to each other.
//!
//! The policies say what a place holds. Beside them there is one rule, about two people: nobody gives or takes what they do not hold
//! themselves, and nobody changes their own place. So an admin, who does not hold what owners do, neither makes nor unmakes one.

use super::decision::{Act, Case, Decision, Holder, can_be_given, decide};
use super::{Caller, Denied, Membership, Permission, Principal, Rights, Role, Scopes};
use crate::journal::Origin;
use crate::maintenance::{Maintenance, Mode};
use crate::organization::{OrgStatus, Organization};
use crate::{OrgId, UserId};

/// What somebody is, or is to be, in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Their role.
    pub role: Role,
    /// What they hold beyond it.
    pub extra: Scopes,
}

impl From<Role> for Place {
    fn from(role: Role) -> Self {
        let extra = Scopes::default();
        Self { role, extra }
    }
}

impl From<Place> for Rights {
    fn from(Place { role, extra }: Place) -> Self {
        Self::Role { role, extra }
    }
}

impl Place {
    /// A place with what was asked for beyond the role, less what the role holds anyway. The error is the place in the list, counted from 0,
    /// of a permission that no member of that role can be given.
    pub fn new(role: Role, extra: &[Permission]) -> Result<Self, usize> {
        let holds = |permission: Permission| Self::from(role).holds(permission);
        let beyond = |permission: &Permission| !holds(*permission);
        let refused = |permission: &Permission| beyond(permission) && !can_be_given(*permission, role.into());
        if let Some(place) = extra.iter().position(refused) {
            return Err(place);
        }
        let extra = Permission::ALL.iter().copied().filter(|held| extra.contains(held));
        let extra: Vec<_> = extra.filter(beyond).collect();
        Ok(Self {
            role,
            extra: extra.into(),
        })
    }

    /// Whether the place holds a permission, whatever state or maintenance may stand in the way at present.
    pub fn holds(&self, permission: Permission) -> bool {
        holds(self.role.into(), self.extra.contains(permission), permission)
    }

    fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        let all = Permission::ALL.iter().copied();
        all.filter(|permission| self.holds(*permission))
    }
}

fn holds(holder: Holder, given: bool, permission: Permission) -> bool {
    let at_rest = Case {
        holder,
        given,
        status: OrgStatus::Active,
        maintenance: Mode::None,
        changes: true,
    };
    decide(permission, at_rest) == Decision::Allow
}

impl Caller {
    /// Whoever is about to take a place in an organisation, with the rights that it has: a person who is invited, a device that registers itself.
    pub fn arriving(principal: Principal, org: &Organization, rights: Rights, origin: Origin) -> Self {
        Self {
            principal,
            session: None,
            staff: false,
            membership: Some(Membership {
                org: org.id,
                status: org.status,
                table: org.table.clone(),
                maintenance: org.maintenance.clone(),
                rights,
            }),
            maintenance: Maintenance::default(),
            act: Act::Change,
            origin,
        }
    }

    /// Whether the caller holds a permission in an organisation, whatever state or maintenance may stand in the way at present.
    pub fn holds(&self, org: OrgId, permission: Permission) -> bool {
        let place = self.membership.as_ref().filter(|place| place.org == org);
        place.is_some_and(|place| {
            let holder = place.rights.holder(self.principal);
            holds(holder, place.rights.given(permission), permission)
        })
    }

    /// Refuses to hand on what the caller does not hold: to a key, a machine, somebody who is invited.
    pub fn may_give(&self, org: OrgId, permissions: impl IntoIterator<Item = Permission>) -> Result<(), Denied> {
        let mut permissions = permissions.into_iter();
        match permissions.find(|permission| !self.holds(org, *permission)) {
            None => Ok(()),
            Some(beyond) => Err(Denied::Beyond(beyond)),
        }
    }

    /// Refuses to give a place, or to take one away, that holds what the caller does not hold.
    pub fn may_fill(&self, org: OrgId, place: &Place) -> Result<(), Denied> {
        self.may_give(org, place.permissions())
    }

    /// Refuses to change a member's place from one to another: their own, and any that holds what the caller does not hold.
    pub fn may_appoint(&self, org: OrgId, user: UserId, (from, to): (&Place, &Place)) -> Result<(), Denied> {
        if self.person()? == user {
            return Err(Denied::Oneself);
        }
        self.may_fill(org, from)?;
        self.may_fill(org, to)
    }

    /// What the caller holds in an organisation, and whether each holds at present: in requests that only look, and in those that change.
    pub fn permissions(&self, org: OrgId) -> Result<Vec<(Permission, bool, bool)>, Denied> {
        let place = self
            .membership
            .as_ref()
            .filter(|place| place.org == org)
            .ok_or(Denied::NotFound)?;
        let now = |permission, act| self.may(act).is_ok() && place.decide(self.principal, permission, act).is_ok();
        let held = Permission::ALL
            .iter()
            .copied()
            .filter(|permission| self.holds(org, *permission));
        Ok(held
            .map(|held| (held, now(held, Act::Read), now(held, Act::Change)))
            .collect())
    }
}

#[cfg(test)]
mod tests;
