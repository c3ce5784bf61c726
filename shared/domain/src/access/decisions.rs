//! Made from the policies in `shared/domain/policies` by `cargo run --manifest-path infra/policies/Cargo.toml`; not to be edited by hand.

use super::decision::Holder::*;
use super::decision::{Act, Visitor};
use super::permission::Permission::{self, *};
use super::table::{ALWAYS, ANYBODY, ActRow, EVERYBODY, MEMBERS, NO_VISITOR, NOBODY, Row, act, open, row};
use crate::organization::OrgStatus::*;

/// SHA-256 of the policies' files and their schema, one after the other in the order of their names, and of what follows.
#[cfg(test)]
pub(super) const POLICIES: &str = "f823da4e689f199abdf2822defc451a89f78fce74a8e41a75e8946427195099b";

/// What a program can be given.
#[rustfmt::skip]
pub(super) const FOR_PROGRAMS: &[Permission] = &[OrgRead, TaskRead, FleetRead, FleetWrite, TelemetryRead, TelemetryWrite];

/// A line a permission: by what they are, and by name; in requests that look, and in those that change (states; who while read only, and closed).
#[rustfmt::skip]
pub(super) static DECISIONS: &[Row] = &[
    row(OrgRead, MEMBERS, &[Key, Machine], open(ALWAYS, EVERYBODY, &[Owner, Admin]), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(OrgManage, &[Owner, Admin], &[Manager, Operator, Viewer], open(ALWAYS, EVERYBODY, EVERYBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], EVERYBODY, EVERYBODY)),
    row(OrgExport, &[Owner, Admin], &[Manager, Operator, Viewer], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active, Closing], NOBODY, NOBODY)),
    row(OrgDelete, &[Owner], NOBODY, open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Closing, Deleting], NOBODY, NOBODY)),
    row(OwnerManage, &[Owner], NOBODY, open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(MemberRead, &[Owner, Admin, Manager, Viewer], &[Operator], open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(MemberManage, &[Owner, Admin], &[Manager, Operator, Viewer], open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(MemberSelf, MEMBERS, NOBODY, open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(KeyManage, &[Owner, Admin], &[Manager, Operator, Viewer], open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(MachineManage, &[Owner, Admin], &[Manager, Operator, Viewer], open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(JournalRead, &[Owner, Admin], &[Manager, Operator, Viewer], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
    row(JournalExport, &[Owner, Admin], &[Manager, Operator, Viewer], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active, Closing], NOBODY, NOBODY)),
    row(TaskRead, MEMBERS, &[Key, Machine], open(ALWAYS, EVERYBODY, NOBODY), open(&[Provisioning, Active, Failed, Restoring, Deleting], NOBODY, NOBODY)),
    row(FleetRead, MEMBERS, &[Key, Machine], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
    row(FleetWrite, &[Owner, Admin, Manager], &[Operator, Viewer, Key, Machine], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
    row(TelemetryRead, &[Owner, Admin, Manager, Viewer], &[Operator, Key, Machine], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
    row(TelemetryWrite, &[Owner, Admin, Manager, Operator], &[Viewer, Key, Machine], open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
    row(DeviceSelf, &[Device], NOBODY, open(&[Active, Closing], EVERYBODY, NOBODY), open(&[Active], NOBODY, NOBODY)),
];

/// A line an act on the deployment as a whole: who; who while it is read only, and closed.
#[rustfmt::skip]
pub(super) static ACTS: &[ActRow] = &[
    act(Act::Read, ANYBODY, ANYBODY, NO_VISITOR),
    act(Act::Change, ANYBODY, NO_VISITOR, NO_VISITOR),
    act(Act::Operate, &[Visitor::Staff], &[Visitor::Staff], &[Visitor::Staff]),
];
