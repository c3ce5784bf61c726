//! Roles of members, and the permissions each holds.

use super::{Permission, UnknownName};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a person is in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, deleting the organisation included.
    Owner,
    /// May do everything but delete the organisation.
    Admin,
    /// Runs the fleet and reads its data.
    Manager,
    /// Uploads, and reads no data.
    Operator,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role there is.
    pub const ALL: &[Self] = &[Self::Owner, Self::Admin, Self::Manager, Self::Operator, Self::Viewer];

    /// The role's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    /// Whether the role holds a permission.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Admin => permission != P::OrgDelete,
            Self::Manager => {
                let runs_fleet = [P::FleetRead, P::FleetWrite, P::TelemetryRead, P::TelemetryWrite];
                [P::OrgRead, P::MemberRead, P::TaskRead].contains(&permission) || runs_fleet.contains(&permission)
            }
            Self::Operator => [P::OrgRead, P::TaskRead, P::FleetRead, P::TelemetryWrite].contains(&permission),
            Self::Viewer => {
                [P::OrgRead, P::MemberRead, P::TaskRead, P::FleetRead, P::TelemetryRead].contains(&permission)
            }
        }
    }
}

impl FromStr for Role {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownName)
    }
}
