//! `member.sync_groups`: brings somebody's memberships in line with the groups that their identity provider told at their latest sign-in.
//! What they are by invitation or by somebody's hand stays as it is. What the domain of their address brings comes last (`enrol_member.rs`):
//! where a group gives a role, that is the role.
//!
//! Idempotency: what is to be done is the difference between what the groups call for and what there is, looked for anew each time; a change is
//! written only over a membership that groups brought (or where there is none), with its journal entry. Two sign-ins' tasks in any order come
//! to the same end, that of the later sign-in, since each reads the latest. Retry: what is throttled or overtaken. An organisation that is not in use at
//! present is left for later and keeps the others waiting for nothing; one that is gone has no members.

use super::{Effect, Step, enrol_member};
use crate::App;
use aws_dynamodb::{Change, Federated, Member, Refused};
use domain::federation::{GroupMapping, stronger};
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::task::Task;
use domain::{Grant, OrgId, Role, ServiceError, UserId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);
/// How many memberships one step changes: each takes some tenths of a second, and the worker has a minute.
const A_STEP: usize = 50;
/// Most organisations that can give a role for one group.
const MOST: usize = 1_000;

/// A membership that is not what the groups call for.
struct Difference {
    org: OrgId,
    now: Option<Member>,
    then: Option<Role>,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Some(user) = task.input["user"].as_str().and_then(|id| id.parse().ok()) else {
        return Ok(Step::Fail("the task does not name a person".to_owned()));
    };
    let Some(told) = app.directory.federated(user).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    let (mut made, mut left) = (0, false);
    for difference in differences(app, user, &told).await? {
        if made == A_STEP {
            return Ok(Step::wait(Duration::ZERO));
        }
        match settle(app, task, user, &told, difference).await? {
            true => made += 1,
            false => left = true,
        }
    }
    match left {
        true => Ok(Step::wait(LATER)),
        false => enrol_member::enrol(app, user).await,
    }
}

/// What is not as it should be: what is to be taken away or changed first.
async fn differences(app: &App, user: UserId, told: &Federated) -> Result<Vec<Difference>, ServiceError> {
    let mut wanted = BTreeMap::<OrgId, Role>::new();
    for group in told.groups.iter() {
        let id = GroupMapping::id_of(&told.provider, group);
        for (org, role) in app.directory.roles_for_group(id, MOST).await? {
            wanted
                .entry(org)
                .and_modify(|known| *known = stronger(*known, role))
                .or_insert(role);
        }
    }
    let mut found = Vec::new();
    for member in app.directory.places_of(user).await? {
        let then = wanted.remove(&member.org);
        // An owner is one by somebody's hand, whatever brought them in.
        if member.by_group_of.is_some() && member.role != Role::Owner && then != Some(member.role) {
            found.push(Difference {
                org: member.org,
                now: Some(member),
                then,
            });
        }
    }
    found.extend(wanted.into_iter().map(|(org, role)| Difference {
        org,
        now: None,
        then: Some(role),
    }));
    Ok(found)
}

/// Makes one membership what it should be; `false` when the organisation is not in use at present.
async fn settle(
    app: &App,
    task: &Task,
    user: UserId,
    told: &Federated,
    difference: Difference,
) -> Result<bool, ServiceError> {
    let Some(org) = app.directory.organization(difference.org).await? else {
        return Ok(true);
    };
    if matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted | OrgStatus::Failed) {
        return Ok(true);
    }
    let grant = Grant::for_task(org.id, task.id.to_string(), org.status, org.table);
    let Ok(table) = app.tables.open(&grant) else {
        return Ok(false);
    };
    let Difference { org, now, then } = difference;
    let change = Change::told(event(user, told, now.as_ref(), then));
    let made = match (now, then) {
        (None, Some(role)) => {
            let member = Member {
                by_group_of: Some(told.provider.clone()),
                ..Member::new(org, user, role, app.source.now())
            };
            app.directory.join_by_group(&table, change, &member).await
        }
        (Some(now), Some(role)) => {
            let (before, version) = (now.role, now.version + 1);
            let member = Member { role, version, ..now };
            app.directory.change_by_group(&table, change, &member, before).await
        }
        (Some(now), None) => app.directory.leave_by_group(&table, change, &now).await,
        (None, None) => Ok(()),
    };
    match made {
        Ok(()) => Ok(true),
        Err(Refused::Write(_)) => Err(ServiceError::Busy(
            "somebody changed the membership meanwhile".to_owned(),
        )),
        Err(Refused::Service(error)) => Err(error),
    }
}

fn event(user: UserId, told: &Federated, now: Option<&Member>, then: Option<Role>) -> Event {
    let state = |role: Role| -> Value { json!({ "role": role, "identity_provider": told.provider }) };
    Event {
        action: match (now, then) {
            (None, _) => "member.joined",
            (Some(_), Some(_)) => "member.changed",
            (Some(_), None) => "member.removed",
        },
        resource: user.to_string(),
        before: now.map(|member| state(member.role)),
        after: then.map(state),
    }
}
