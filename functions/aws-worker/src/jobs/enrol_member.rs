//! `member.enrol`: makes somebody a member of the organisation that has the domain of their confirmed address, in the role that it gives.
//! Who comes through an identity provider is brought in by `member.sync_groups`, once their groups have had their say. Somebody who is a member
//! already keeps their role; nobody is brought in twice, or after they were taken out by hand or have left.
//!
//! Idempotency: what is to be done is looked for anew each time; place, journal entry, the word that it was done and the task's end are one
//! transaction, over the domain as it was read and only where there is neither a place nor such a word. Retry: what is throttled or overtaken; the
//! next attempt finds what there is then. An organisation that is being created or restored makes the task wait; one that is closing or gone
//! takes nobody in.

use super::{Effect, Step, by_the_system};
use crate::App;
use aws_dynamodb::{Change, Member, OrgTable};
use domain::account::AccountStatus;
use domain::email_domain::{DomainName, EmailDomain};
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::task::Task;
use domain::{OrgId, ServiceError, UserId};
use serde_json::json;
use std::time::Duration;

/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);

/// Whether an organisation can take somebody in.
enum Door {
    Open(Box<OrgTable>),
    Later,
    Closed,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Some(user) = task.input["user"].as_str().and_then(|id| id.parse().ok()) else {
        return Ok(Step::Fail("the task does not name a person".to_owned()));
    };
    enrol(app, user).await
}

/// The last step of whatever task it is that is to bring somebody in.
pub(super) async fn enrol(app: &App, user: UserId) -> Result<Step, ServiceError> {
    let Some((org, domain)) = wanted(app, user).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    match door(app, org, &domain.domain).await? {
        Door::Open(table) => take_in(app, user, &domain, *table),
        Door::Later => Ok(Step::wait(LATER)),
        Door::Closed => Ok(Step::Done(Effect::default())),
    }
}

/// The organisation that is to take somebody in, and by which domain of its: none where nothing is to be done, or not any more.
async fn wanted(app: &App, user: UserId) -> Result<Option<(OrgId, EmailDomain)>, ServiceError> {
    let state = app.directory.account_state(user).await?;
    let confirmed = state.filter(|state| state.deleted_by.is_none() && state.user.status == AccountStatus::Active);
    let Some(name) = confirmed.and_then(|state| DomainName::of(&state.user.email)) else {
        return Ok(None);
    };
    app.directory.awaits_enrolment(user, &name).await
}

async fn door(app: &App, org: OrgId, name: &DomainName) -> Result<Door, ServiceError> {
    let Some(found) = app.directory.organization(org).await? else {
        return Ok(Door::Closed);
    };
    match found.status {
        OrgStatus::Active => {}
        OrgStatus::Provisioning | OrgStatus::Restoring => return Ok(Door::Later),
        OrgStatus::Failed | OrgStatus::Closing | OrgStatus::Deleting | OrgStatus::Deleted => return Ok(Door::Closed),
    }
    let table = by_the_system(app, found, &format!("verified domain {name}"));
    Ok(table.map_or(Door::Later, |table| Door::Open(Box::new(table))))
}

fn take_in(app: &App, user: UserId, domain: &EmailDomain, table: OrgTable) -> Result<Step, ServiceError> {
    let (org, role) = (table.org(), domain.role);
    let member = Member::new(org, user, role, app.source.now());
    let change = Change::told(Event {
        action: "member.joined",
        resource: user.to_string(),
        before: None,
        after: Some(json!({ "role": role, "domain": domain.domain })),
    });
    Ok(Step::Done(Effect {
        change: app.directory.with_enrolment(change, &member, domain)?,
        table: Some(table),
        result: Some(json!({ "org": org, "role": role })),
    }))
}
