//! The shape of the table that the policies are made into.

use super::Permission;
use super::decision::{Act, Holder, Visitor};
use crate::organization::OrgStatus;

/// Who may do one thing, and when.
pub(super) struct Row {
    pub permission: Permission,
    /// Who holds it by what they are.
    pub by: &'static [Holder],
    /// Who else holds it where it was given to them by name.
    pub given: &'static [Holder],
    /// How it holds in requests that only look.
    pub reads: Open,
    /// How it holds in requests that change something.
    pub changes: Open,
}

/// When a permission holds, for those who hold it.
pub(super) struct Open {
    /// In which states of the organisation.
    pub states: &'static [OrgStatus],
    /// For whom of them in an organisation that is read only.
    pub read_only: &'static [Holder],
    /// For whom of them in an organisation that is closed.
    pub no_access: &'static [Holder],
}

/// Who may do one act, and when.
pub(super) struct ActRow {
    pub act: Act,
    pub by: &'static [Visitor],
    /// Who of them while the deployment is read only.
    pub read_only: &'static [Visitor],
    /// Who of them while the deployment is closed.
    pub no_access: &'static [Visitor],
}

pub(super) const fn row(
    permission: Permission,
    by: &'static [Holder],
    given: &'static [Holder],
    reads: Open,
    changes: Open,
) -> Row {
    Row {
        permission,
        by,
        given,
        reads,
        changes,
    }
}

pub(super) const fn open(
    states: &'static [OrgStatus],
    read_only: &'static [Holder],
    no_access: &'static [Holder],
) -> Open {
    Open {
        states,
        read_only,
        no_access,
    }
}

pub(super) const fn act(
    act: Act,
    by: &'static [Visitor],
    read_only: &'static [Visitor],
    no_access: &'static [Visitor],
) -> ActRow {
    ActRow {
        act,
        by,
        read_only,
        no_access,
    }
}

pub(super) const EVERYBODY: &[Holder] = &[
    Holder::Owner,
    Holder::Admin,
    Holder::Manager,
    Holder::Operator,
    Holder::Viewer,
    Holder::Key,
    Holder::Machine,
    Holder::Device,
];
pub(super) const MEMBERS: &[Holder] = EVERYBODY.split_at(5).0;
pub(super) const NOBODY: &[Holder] = &[];
pub(super) const ALWAYS: &[OrgStatus] = OrgStatus::ALL;
pub(super) const ANYBODY: &[Visitor] = &[
    Visitor::Staff,
    Visitor::Person,
    Visitor::Key,
    Visitor::Machine,
    Visitor::Device,
];
pub(super) const NO_VISITOR: &[Visitor] = &[];
