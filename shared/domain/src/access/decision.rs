//! Decisions, by the table that the policies were made into.
//!
//! Who may do what is said by the Cedar policies in `shared/domain/policies`, and nowhere else. All that a decision follows from is finite:
//! kind of caller and role, whether the permission was given by name, the organisation's state, the maintenance. So `cargo run --manifest-path infra/policies/Cargo.toml`
//! asks Cedar about every combination and writes `decisions.rs`, which is compiled into the functions; a test fails when it is stale,
//! and one that compares each decision with Cedar's own.
//!
//! Cedar itself is in no function, since it costs more than the 3 ms of start that a function may spend on it. Measured with a program that reads
//! a request and decides it once, and the same without Cedar (`cedar-policy` 4.14.1 without its extensions, these policies, the release profile,
//! x86-64, 300 runs): a whole run took 4.3 ms of CPU time against 0.8 (median), and none less than 3.5; the zip grew by 0.85 MB,
//! from 0.17 to 1.02. A function of 512 MB has 0.3 of a CPU, so that its start would be longer by some 10 ms. The table costs nothing to start, and a
//! decision by it is a search through as many lines as there are permissions.

use super::decisions::{ACTS, DECISIONS};
use super::table::{ANYBODY, EVERYBODY};
use super::{Permission, Role};
use crate::maintenance::Mode;
use crate::organization::OrgStatus;

/// What somebody is in an organisation, as far as it matters to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member with the role of an owner.
    Owner,
    /// A member with the role of an admin.
    Admin,
    /// A member with the role of a manager.
    Manager,
    /// A member with the role of an operator.
    Operator,
    /// A member with the role of a viewer.
    Viewer,
    /// A program with an API key.
    Key,
    /// A machine that signs with an AWS role.
    Machine,
    /// A device in a session of its own.
    Device,
}

impl Holder {
    /// Every kind there is.
    pub const ALL: &[Self] = EVERYBODY;
    /// Those who are people.
    pub const MEMBERS: &[Self] = super::table::MEMBERS;

    /// The kind's name, as the policies spell it where it is a role.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => Role::Owner.as_str(),
            Self::Admin => Role::Admin.as_str(),
            Self::Manager => Role::Manager.as_str(),
            Self::Operator => Role::Operator.as_str(),
            Self::Viewer => Role::Viewer.as_str(),
            Self::Key => "key",
            Self::Machine => "machine",
            Self::Device => "device",
        }
    }
}

impl From<Role> for Holder {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Manager => Self::Manager,
            Role::Operator => Self::Operator,
            Role::Viewer => Self::Viewer,
        }
    }
}

/// Everything that a decision about one permission follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Who asks.
    pub holder: Holder,
    /// Whether the permission is among what was given to them: a member's beyond the role, a key's or machine's scopes.
    pub given: bool,
    /// The state of the organisation.
    pub status: OrgStatus,
    /// The maintenance of the organisation.
    pub maintenance: Mode,
    /// Whether the request would change something.
    pub changes: bool,
}

/// Who asks something of the deployment as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// One of the staff, signed in.
    Staff,
    /// Anybody else who has signed in.
    Person,
    /// A program with an API key.
    Key,
    /// A machine that signs with an AWS role.
    Machine,
    /// A device in a session of its own.
    Device,
}

impl Visitor {
    /// Every kind there is.
    pub const ALL: &[Self] = ANYBODY;
}

/// What a request does, seen from the deployment as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It looks at something.
    Read,
    /// It changes something.
    Change,
    /// It is one of the staff's.
    Operate,
}

impl Act {
    /// Every act there is.
    pub const ALL: &[Self] = &[Self::Read, Self::Change, Self::Operate];

    /// The act's name in the policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "deployment.read",
            Self::Change => "deployment.change",
            Self::Operate => "deployment.operate",
        }
    }
}

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Allow,
    /// They do not hold it.
    Lacks,
    /// They hold it, and the organisation's state does not allow it.
    State,
    /// They hold it, and maintenance does not allow it.
    Maintenance,
}

/// Decides about a permission. One that the table does not know is nobody's.
pub fn decide(permission: Permission, case: Case) -> Decision {
    let Some(row) = DECISIONS.iter().find(|row| row.permission == permission) else {
        return Decision::Lacks;
    };
    let Case {
        holder,
        given,
        status,
        maintenance,
        changes,
    } = case;
    if !(row.by.contains(&holder) || given && row.given.contains(&holder)) {
        return Decision::Lacks;
    }
    let open = if changes { &row.changes } else { &row.reads };
    if !open.states.contains(&status) {
        return Decision::State;
    }
    match maintenance {
        Mode::ReadOnly if !open.read_only.contains(&holder) => Decision::Maintenance,
        Mode::NoAccess if !open.no_access.contains(&holder) => Decision::Maintenance,
        _ => Decision::Allow,
    }
}

/// Decides about an act on the deployment as a whole, under its maintenance.
pub fn decide_act(act: Act, visitor: Visitor, maintenance: Mode) -> Decision {
    let Some(row) = ACTS
        .iter()
        .find(|row| row.act == act)
        .filter(|row| row.by.contains(&visitor))
    else {
        return Decision::Lacks;
    };
    match maintenance {
        Mode::ReadOnly if !row.read_only.contains(&visitor) => Decision::Maintenance,
        Mode::NoAccess if !row.no_access.contains(&visitor) => Decision::Maintenance,
        _ => Decision::Allow,
    }
}

/// Whether a permission can be given to somebody of that kind by name, who does not hold it anyway.
pub fn can_be_given(permission: Permission, holder: Holder) -> bool {
    let mut rows = DECISIONS.iter().filter(|row| row.permission == permission);
    rows.any(|row| row.given.contains(&holder))
}
