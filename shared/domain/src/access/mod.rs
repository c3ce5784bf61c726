//! Who calls, what they may do, and the proof of it.
//!
//! The authorizer says who ([`Caller`]); a function asks [`Caller::require`] and receives a [`Grant`], the only thing that opens
//! an organisation's table, or [`Caller::staff`] and receives a [`Staff`], which opens operations and no organisation's data. To add a
//! permission, add it to `permissions!` and to the roles that hold it.

mod context;
mod grant;
mod permission;
mod principal;
mod role;

pub use grant::{Grant, Staff};
pub use permission::{Permission, Scopes};
pub use principal::Principal;
pub use role::Role;

use crate::journal::Origin;
use crate::maintenance::Maintenance;
use crate::organization::OrgStatus;
use crate::{DeviceId, OrgId, UserId};

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
    /// Where their request came from and why, for the journal. The authorizer tells the address, under a key; the request itself tells why.
    pub origin: Origin,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// The organisation has no table at present.
    #[error("the organisation is {}", .0.as_str())]
    NotReady(OrgStatus),
}

impl Caller {
    /// Allows the caller one thing in an organisation, or says why not.
    pub fn require(&self, org: OrgId, permission: Permission) -> Result<Grant, Denied> {
        let membership = self
            .membership
            .as_ref()
            .filter(|m| m.org == org)
            .ok_or(Denied::NotFound)?;
        let allowed = match &membership.rights {
            Rights::Role { role, extra } => role.allows(permission) || extra.allow_beyond_role(permission),
            Rights::Scopes(scopes) => scopes.allow(permission),
            Rights::Device => false,
        };
        if !allowed {
            return Err(Denied::Lacks(permission));
        }
        if membership.status == OrgStatus::Closing && !Permission::WHILE_CLOSING.contains(&permission) {
            return Err(Denied::NotReady(membership.status));
        }
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
        let own = self.membership.as_ref().filter(|own| own.rights == Rights::Device);
        let Membership { org, status, table, .. } = own.cloned().ok_or(Denied::NotFound)?;
        let grant = Grant::for_task(org, id.to_string(), status, table);
        Ok((id, grant.requested_from(self.origin.clone())))
    }

    /// The member of staff calling; everybody else is refused, keys whatever they say of themselves.
    pub fn staff(&self) -> Result<Staff, Denied> {
        match self.principal {
            Principal::User(id) if self.staff => Ok(Staff(id)),
            _ => Err(Denied::StaffOnly),
        }
    }
}

#[cfg(test)]
mod tests;
