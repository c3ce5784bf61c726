//! The form that decisions must fit: a line a permission.

use crate::Cedar;
use anyhow::{Result, ensure};
use domain::Permission;
use domain::access::decision::{Act, Case, Decision, Holder, Visitor};
use domain::maintenance::Mode;
use domain::organization::OrgStatus;

/// Who may do one thing, and when.
pub struct Line {
    /// What.
    pub permission: Permission,
    /// Who holds it by what they are.
    pub by: Vec<Holder>,
    /// Who else holds it where it was given to them by name.
    pub given: Vec<Holder>,
    /// How it holds in requests that only look.
    pub reads: Open,
    /// How it holds in requests that change something.
    pub changes: Open,
}

/// When a permission holds, for those who hold it.
pub struct Open {
    /// In which states of the organisation.
    pub states: Vec<OrgStatus>,
    /// For whom of them in an organisation that is read only.
    pub read_only: Vec<Holder>,
    /// For whom of them in an organisation that is closed.
    pub no_access: Vec<Holder>,
}

/// Who may do one act on the deployment, and when.
pub struct ActLine {
    /// What.
    pub act: Act,
    /// Who.
    pub by: Vec<Visitor>,
    /// Who of them while the deployment is read only.
    pub read_only: Vec<Visitor>,
    /// Who of them while the deployment is closed.
    pub no_access: Vec<Visitor>,
}

/// Every case that there can be of a permission.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for holder in Holder::ALL {
        for status in OrgStatus::ALL {
            for maintenance in Mode::ALL {
                for (given, changes) in [(false, false), (false, true), (true, false), (true, true)] {
                    cases.push(Case {
                        holder: *holder,
                        given,
                        status: *status,
                        maintenance: *maintenance,
                        changes,
                    });
                }
            }
        }
    }
    cases
}

/// A case in which nothing stands in the way: what is allowed in it is held.
pub(crate) fn at_rest(holder: Holder, given: bool) -> Case {
    Case {
        holder,
        given,
        status: OrgStatus::Active,
        maintenance: Mode::None,
        changes: false,
    }
}

/// A line for every permission.
pub(crate) fn lines(cedar: &Cedar) -> Result<Vec<Line>> {
    let lines = Permission::ALL.iter().map(|permission| line(cedar, *permission));
    lines.collect()
}

fn line(cedar: &Cedar, permission: Permission) -> Result<Line> {
    let named = [permission];
    let decide = |case: Case| cedar.decide(permission, case, if case.given { &named } else { &[] });
    let allows = |case: Case| Ok(decide(case)? == Decision::Allow);
    let by = keep(Holder::ALL, |holder| allows(at_rest(holder, false)))?;
    let given = keep(Holder::ALL, |holder| {
        Ok(!by.contains(&holder) && allows(at_rest(holder, true))?)
    })?;
    let holders = keep(
        Holder::ALL,
        |holder| Ok(by.contains(&holder) || given.contains(&holder)),
    )?;
    let line = Line {
        permission,
        by,
        given,
        reads: open(&holders, false, &allows)?,
        changes: open(&holders, true, &allows)?,
    };
    for case in cases() {
        let (cedar, table) = (decide(case)?, line.decide(case));
        ensure!(
            cedar == table,
            "{permission}: {case:?} is {cedar:?}, and a line could only say {table:?}"
        );
    }
    Ok(line)
}

fn open(holders: &[Holder], changes: bool, allows: &impl Fn(Case) -> Result<bool>) -> Result<Open> {
    let case = |holder| Case {
        changes,
        ..at_rest(holder, true)
    };
    let in_state = |status| {
        let mut allowed = holders.iter().map(|holder| {
            allows(Case {
                status,
                ..case(*holder)
            })
        });
        allowed.try_fold(false, |any, allowed| Ok(any || allowed?))
    };
    let during = |maintenance| {
        keep(holders, |holder| {
            allows(Case {
                maintenance,
                ..case(holder)
            })
        })
    };
    Ok(Open {
        states: keep(OrgStatus::ALL, in_state)?,
        read_only: during(Mode::ReadOnly)?,
        no_access: during(Mode::NoAccess)?,
    })
}

impl Line {
    fn decide(&self, case: Case) -> Decision {
        let open = if case.changes { &self.changes } else { &self.reads };
        let lets_in = match case.maintenance {
            Mode::None => true,
            Mode::ReadOnly => open.read_only.contains(&case.holder),
            Mode::NoAccess => open.no_access.contains(&case.holder),
        };
        if !(self.by.contains(&case.holder) || case.given && self.given.contains(&case.holder)) {
            Decision::Lacks
        } else if !open.states.contains(&case.status) {
            Decision::State
        } else if !lets_in {
            Decision::Maintenance
        } else {
            Decision::Allow
        }
    }
}

/// A line for every act on the deployment.
pub(crate) fn acts(cedar: &Cedar) -> Result<Vec<ActLine>> {
    let line = |act| {
        let during = |mode| {
            keep(Visitor::ALL, |visitor| {
                Ok(cedar.decide_act(act, visitor, mode)? == Decision::Allow)
            })
        };
        Ok(ActLine {
            act,
            by: during(Mode::None)?,
            read_only: during(Mode::ReadOnly)?,
            no_access: during(Mode::NoAccess)?,
        })
    };
    Act::ALL.iter().map(|act| line(*act)).collect()
}

fn keep<T: Copy>(all: &[T], mut wanted: impl FnMut(T) -> Result<bool>) -> Result<Vec<T>> {
    let mut kept = Vec::new();
    for item in all {
        if wanted(*item)? {
            kept.push(*item);
        }
    }
    Ok(kept)
}
