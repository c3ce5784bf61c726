//! Who calls, what they may do, and the proof of it.
//!
//! The authorizer says who ([`Caller`]); a function asks [`Caller::require`] and receives a [`Grant`], the only thing that opens
//! an organisation's table, or [`Caller::staff`] and receives a [`Staff`], which opens operations and no organisation's data. What they
//! answer is for the policies in `shared/domain/policies` to say ([`decision`]). To add a permission: a line in `permissions!`, an action in the
//! policies' schema, its holders in the policies, and `cargo run --manifest-path infra/policies/Cargo.toml`.

mod appointment;
mod context;
pub mod decision;
mod decisions;
mod grant;
mod permission;
mod principal;
mod role;
mod table;

pub use appointment::Place;
pub use grant::{Grant, Staff};
pub use permission::{Permission, Scopes};
pub use principal::Principal;
pub use role::Role;

use crate::journal::Origin;
use crate::maintenance::Maintenance;
use crate::organization::OrgStatus;
use crate::{DeviceId, OrgId, UserId};
use decision::{Act, Case, Decision, Holder, Visitor};
use std::fmt;

/// A role or permission that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such role or permission")]
pub struct UnknownName;

/// Where a caller's rights in an organisation come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// A member's role, and the permissions that were given to them beyond it.
    Role {
        /// The role.
        role: Role,
        /// What they hold beyond it.
        extra: Scopes,
    },
    /// The scopes of an API key or of a machine's session.
    Scopes(Scopes),
    /// A device's own: it reaches only what is its.
    Device,
}

/// A caller's place in the organisation whose path they call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organisation.
    pub org: OrgId,
    /// Its state.
    pub status: OrgStatus,
    /// The name of its table, once there is one.
    pub table: Option<String>,
    /// Whether it is closed for a while.
    pub maintenance: Maintenance,
    /// What the caller may do in it.
    pub rights: Rights,
}

/// Whoever sent a request, as the authorizer found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// The sign-in that the access token descends from (Cognito's `origin_jti`), or the series of a device's session
    /// ([`crate::session::Series`]); none for keys.
    pub session: Option<String>,
    /// Whether they run this deployment: a person whose access token names the group of the staff. Never a key.
    pub staff: bool,
    /// Their place in the path's organisation; none where they have none, or the path names none.
    pub membership: Option<Membership>,
    /// Whether the whole deployment is closed for a while.
    pub maintenance: Maintenance,
    /// What their request does. The request itself tells; until then it counts as one that changes something.
    pub act: Act,
    /// Where their request came from and why, for the journal. The authorizer tells the address, under a key; the request itself tells why.
    pub origin: Origin,
}

/// Why a caller may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// They have no place in the organisation: whether it exists is not theirs to know.
    #[error("no such organisation")]
    NotFound,
    /// They lack this permission.
    #[error("this needs the permission {0}")]
    Lacks(Permission),
    /// Only a person may do this.
    #[error("this is for people who have signed in")]
    PeopleOnly,
    /// Only a device may do this, for itself.
    #[error("this is for devices")]
    DevicesOnly,
    /// Only staff may do this.
    #[error("this is for staff")]
    StaffOnly,
    /// The organisation's state does not allow it, or it has no table at present.
    #[error("the organisation is {}", .0.as_str())]
    NotReady(OrgStatus),
    /// It reaches beyond what they hold: this permission.
    #[error("this reaches beyond what the caller holds: {0}")]
    Beyond(Permission),
    /// Nobody changes their own place.
    #[error("nobody changes their own place")]
    Oneself,
    /// Maintenance does not allow it.
    #[error("{0} is under maintenance")]
    Maintenance(Closed, Maintenance),
}

/// What is closed for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// One organisation.
    Organization,
    /// The whole deployment.
    Deployment,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organization => "the organisation",
            Self::Deployment => "Millwright",
        })
    }
}

impl Rights {
    fn holder(&self, principal: Principal) -> Holder {
        match (self, principal) {
            (Self::Role { role, .. }, _) => Holder::from(*role),
            (Self::Scopes(_), Principal::Machine(_)) => Holder::Machine,
            (Self::Scopes(_), _) => Holder::Key,
            (Self::Device, _) => Holder::Device,
        }
    }

    /// The role, where it is a member's, and what was given by name.
    pub fn named(&self) -> (Option<Role>, Vec<Permission>) {
        match self {
            Self::Role { role, extra } => (Some(*role), extra.iter().collect()),
            Self::Scopes(scopes) => (None, scopes.iter().collect()),
            Self::Device => (None, Vec::new()),
        }
    }

    /// Whether a permission was given by name.
    fn given(&self, permission: Permission) -> bool {
        match self {
            Self::Role { extra: given, .. } | Self::Scopes(given) => given.contains(permission),
            Self::Device => false,
        }
    }
}

impl Membership {
    fn decide(&self, principal: Principal, permission: Permission, act: Act) -> Result<(), Denied> {
        let case = Case {
            holder: self.rights.holder(principal),
            given: self.rights.given(permission),
            status: self.status,
            maintenance: self.maintenance.mode,
            changes: act != Act::Read,
        };
        match decision::decide(permission, case) {
            Decision::Allow => Ok(()),
            Decision::Lacks => Err(Denied::Lacks(permission)),
            Decision::State => Err(Denied::NotReady(self.status)),
            Decision::Maintenance => Err(Denied::Maintenance(Closed::Organization, self.maintenance.clone())),
        }
    }
}

impl Caller {
    /// Allows the caller one thing in an organisation, or says why not.
    pub fn require(&self, org: OrgId, permission: Permission) -> Result<Grant, Denied> {
        let membership = self
            .membership
            .as_ref()
            .filter(|m| m.org == org)
            .ok_or(Denied::NotFound)?;
        membership.decide(self.principal, permission, self.act)?;
        let Membership { status, table, .. } = membership.clone();
        let grant = Grant::for_task(org, self.principal.to_string(), status, table);
        Ok(grant.requested_from(self.origin.clone()))
    }

    /// The person calling; keys, machines and devices are refused.
    pub fn person(&self) -> Result<UserId, Denied> {
        match self.principal {
            Principal::User(id) => Ok(id),
            Principal::ApiKey(_) | Principal::Device(_) | Principal::Machine(_) => Err(Denied::PeopleOnly),
        }
    }

    /// The device calling, and its right to what is its own; everybody else is refused.
    pub fn device(&self) -> Result<(DeviceId, Grant), Denied> {
        let Principal::Device(id) = self.principal else {
            return Err(Denied::DevicesOnly);
        };
        let own = self.membership.as_ref().ok_or(Denied::NotFound)?;
        Ok((id, self.require(own.org, Permission::DeviceSelf)?))
    }

    /// The member of staff calling; everybody else is refused, keys whatever they say of themselves.
    pub fn staff(&self) -> Result<Staff, Denied> {
        self.may(Act::Operate)?;
        self.person().map(Staff)
    }

    /// Lets the caller in with a request that does this, or says why not. What it does in an organisation is decided besides.
    pub fn admit(self, act: Act) -> Result<Self, Denied> {
        self.may(act)?;
        Ok(Self { act, ..self })
    }

    fn may(&self, act: Act) -> Result<(), Denied> {
        match decision::decide_act(act, self.visitor(), self.maintenance.mode) {
            Decision::Allow => Ok(()),
            Decision::Maintenance => Err(Denied::Maintenance(Closed::Deployment, self.maintenance.clone())),
            Decision::Lacks | Decision::State => Err(Denied::StaffOnly),
        }
    }

    fn visitor(&self) -> Visitor {
        match self.principal {
            Principal::User(_) if self.staff => Visitor::Staff,
            Principal::User(_) => Visitor::Person,
            Principal::ApiKey(_) => Visitor::Key,
            Principal::Machine(_) => Visitor::Machine,
            Principal::Device(_) => Visitor::Device,
        }
    }
}

#[cfg(test)]
mod tests;
