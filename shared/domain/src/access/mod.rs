//! Who calls, what they may do, and the proof of it.
//!
//! The authorizer says who ([`Caller`]); a function asks [`Caller::require`] and receives a [`Grant`], the only thing that opens
//! an organisation's table, or [`Caller::staff`] and receives a [`Staff`], which opens operations and no organisation's data. To add a
//! permission, add it to `permissions!` and to the roles that hold it.

mod context;
mod permission;
mod role;

pub use permission::{Permission, Scopes};
pub use role::Role;

use crate::journal::Origin;
use crate::organization::OrgStatus;
use crate::{KeyId, OrgId, UserId};
use std::{fmt, str::FromStr};

/// A role or permission that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such role or permission")]
pub struct UnknownName;

/// Somebody or something with credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A person, signed in.
    User(UserId),
    /// A program with an API key.
    ApiKey(KeyId),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
        }
    }
}

impl FromStr for Principal {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, crate::IdError> {
        text.parse().map(Self::User).or_else(|_| text.parse().map(Self::ApiKey))
    }
}

/// Where a caller's rights in an organisation come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// A member's role.
    Role(Role),
    /// A key's scopes.
    Scopes(Scopes),
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
    /// What the caller may do in it.
    pub rights: Rights,
}

/// Whoever sent a request, as the authorizer found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// The sign-in that the access token descends from (Cognito's `origin_jti`); none for keys.
    pub session: Option<String>,
    /// Whether they run this deployment: a person whose access token names the group of the staff. Never a key.
    pub staff: bool,
    /// Their place in the path's organisation; none where they have none, or the path names none.
    pub membership: Option<Membership>,
    /// Where their request came from and why, for the journal. Empty on the way from the authorizer: the request itself tells.
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
    #[error("this is for people who have signed in, not for API keys")]
    PeopleOnly,
    /// Only staff may do this.
    #[error("this is for staff")]
    StaffOnly,
    /// The organisation has no table at present.
    #[error("the organisation is {}", .0.as_str())]
    NotReady(OrgStatus),
}

/// Proof that a caller may act in an organisation; only [`Caller::require`] and a task accepted earlier make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    org: OrgId,
    actor: String,
    status: OrgStatus,
    table: Option<String>,
    origin: Origin,
}

/// Proof that a caller runs this deployment; only [`Caller::staff`] makes one. It opens operations, and nobody's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staff(UserId);

impl Staff {
    /// Who.
    pub fn id(&self) -> UserId {
        self.0
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
        let allowed = match &membership.rights {
            Rights::Role(role) => role.allows(permission),
            Rights::Scopes(scopes) => scopes.allow(permission),
        };
        if !allowed {
            return Err(Denied::Lacks(permission));
        }
        let Membership { status, table, .. } = membership.clone();
        Ok(Grant {
            org,
            actor: self.principal.to_string(),
            status,
            table,
            origin: self.origin.clone(),
        })
    }

    /// The person calling; keys are refused.
    pub fn person(&self) -> Result<UserId, Denied> {
        match self.principal {
            Principal::User(id) => Ok(id),
            Principal::ApiKey(_) => Err(Denied::PeopleOnly),
        }
    }

    /// The member of staff calling; everybody else is refused, keys whatever they say of themselves.
    pub fn staff(&self) -> Result<Staff, Denied> {
        match self.principal {
            Principal::User(id) if self.staff => Ok(Staff(id)),
            _ => Err(Denied::StaffOnly),
        }
    }
}

impl Grant {
    /// The right of a worker to do what somebody with a grant asked for: the task names the organisation, the directory its table.
    pub fn for_task(org: OrgId, actor: String, status: OrgStatus, table: Option<String>) -> Self {
        Self {
            org,
            actor,
            status,
            table,
            origin: Origin::default(),
        }
    }

    /// The same where a request is behind it, which the journal then tells.
    #[must_use]
    pub fn requested_from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The organisation.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// Who acts, as the journal names them.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Where the request behind it came from and why, as the journal tells it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The organisation's state when the request came.
    pub fn status(&self) -> OrgStatus {
        self.status
    }

    /// The name of the organisation's table, while it is active.
    pub fn table(&self) -> Result<&str, Denied> {
        let active = self.status == OrgStatus::Active;
        self.table
            .as_deref()
            .filter(|_| active)
            .ok_or(Denied::NotReady(self.status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(rights: Rights) -> Caller {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let membership = Membership {
            org,
            status: OrgStatus::Active,
            table: Some("t".into()),
            rights,
        };
        let principal = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        Caller {
            principal,
            session: None,
            staff: false,
            membership: Some(membership),
            origin: Origin::default(),
        }
    }

    #[test]
    fn rights_do_not_reach_into_another_organisation() {
        let owner = caller(Rights::Role(Role::Owner));
        let home = owner.membership.as_ref().unwrap().org;
        let other = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
        assert!(owner.require(home, Permission::OrgDelete).is_ok());
        assert_eq!(owner.require(other, Permission::OrgRead), Err(Denied::NotFound));
    }

    #[test]
    fn a_key_never_holds_what_keys_cannot_be_given() {
        let key = caller(Rights::Scopes(Scopes::parse("key.manage telemetry.read nonsense")));
        let org = key.membership.as_ref().unwrap().org;
        assert!(key.require(org, Permission::TelemetryRead).is_ok());
        assert_eq!(
            key.require(org, Permission::KeyManage),
            Err(Denied::Lacks(Permission::KeyManage))
        );
    }

    #[test]
    fn staff_is_who_the_authorizer_says_and_never_a_key() {
        let owner = caller(Rights::Role(Role::Owner));
        assert_eq!(owner.staff(), Err(Denied::StaffOnly));
        let staff = Caller { staff: true, ..owner };
        assert_eq!(
            staff.staff().map(|staff| Principal::User(staff.id())),
            Ok(staff.principal)
        );
        let principal = "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        assert_eq!(Caller { principal, ..staff }.staff(), Err(Denied::StaffOnly));
    }

    #[test]
    fn staff_opens_no_organisation() {
        let member = caller(Rights::Role(Role::Owner));
        let home = member.membership.as_ref().unwrap().org;
        let staff = Caller {
            staff: true,
            membership: None,
            ..member
        };
        assert_eq!(staff.require(home, Permission::OrgRead), Err(Denied::NotFound));
    }

    #[test]
    fn an_operator_uploads_and_reads_no_data() {
        assert!(Role::Operator.allows(Permission::TelemetryWrite));
        assert!(!Role::Operator.allows(Permission::TelemetryRead));
    }
}
