//! Roles of members. What each holds is for the policies to say.

use super::UnknownName;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a person is in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, deleting the organisation included.
    Owner,
    /// May do everything but what is about ownership.
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
