//! Permissions, and the sets of them that API keys hold.

use super::UnknownName;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

// `tt`, not `literal`: a derive would not see through the group that a literal comes in, and describe the names of the variants.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident $text:tt;)*) => {
        /// One thing that a caller may be allowed to do in an organisation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The permission's name in the contract, as in `telemetry.read`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

permissions! {
    /// See the organisation.
    OrgRead "org.read";
    /// Rename the organisation, note things of it.
    OrgManage "org.manage";
    /// Have all that the organisation has written to a file.
    OrgExport "org.export";
    /// Delete the organisation.
    OrgDelete "org.delete";
    /// See who belongs to it.
    MemberRead "member.read";
    /// Invite and remove people.
    MemberManage "member.manage";
    /// Create, list and revoke API keys.
    KeyManage "key.manage";
    /// Register, list and remove machines.
    MachineManage "machine.manage";
    /// Read the journal.
    JournalRead "journal.read";
    /// Export the journal to a file.
    JournalExport "journal.export";
    /// See tasks.
    TaskRead "task.read";
    /// See projects and devices.
    FleetRead "fleet.read";
    /// Create, change and delete projects and devices.
    FleetWrite "fleet.write";
    /// Read streams, readings and statistics.
    TelemetryRead "telemetry.read";
    /// Upload readings and reports.
    TelemetryWrite "telemetry.write";
}

impl Permission {
    /// What holds while an organisation is closing: seeing what is there, taking a copy along, and calling it off.
    pub const WHILE_CLOSING: &[Self] = &[
        Self::OrgRead,
        Self::OrgExport,
        Self::OrgDelete,
        Self::MemberRead,
        Self::JournalRead,
        Self::JournalExport,
        Self::TaskRead,
        Self::FleetRead,
        Self::TelemetryRead,
    ];

    /// What an API key can be given: nothing that would let a key make further keys or members, or end the organisation.
    pub const FOR_KEYS: &[Self] = &[
        Self::OrgRead,
        Self::TaskRead,
        Self::FleetRead,
        Self::FleetWrite,
        Self::TelemetryRead,
        Self::TelemetryWrite,
    ];
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// What an API key or a machine may do, or a member beyond their role: a set of permissions, written with spaces between (RFC 6749 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Permission>);

impl Scopes {
    /// Reads a list with spaces between; unknown names grant nothing.
    pub fn parse(text: &str) -> Self {
        Self(text.split(' ').filter_map(|name| name.parse().ok()).collect())
    }

    /// Whether the set has a permission in it.
    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The permissions in it.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.0.iter().copied()
    }

    /// Whether a member to whom these were given holds a permission by it.
    pub(super) fn allow_beyond_role(&self, permission: Permission) -> bool {
        self.contains(permission) && permission != Permission::OrgDelete
    }

    /// Whether the set holds a permission.
    pub fn allow(&self, permission: Permission) -> bool {
        self.contains(permission) && Permission::FOR_KEYS.contains(&permission)
    }
}

impl From<Vec<Permission>> for Scopes {
    fn from(permissions: Vec<Permission>) -> Self {
        Self(permissions)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|permission| permission.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}
