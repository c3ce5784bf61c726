//! `account.delete`: takes somebody's places in organisations away, each with an entry in its journal, and the API keys that they made there; then
//! the account in Cognito; then all that the directory knows of the person, their own row last, in whose transaction the task ends. Journals
//! keep what was done under their id, which is nobody's then.
//!
//! Idempotency: each step takes away what is there and finds nothing the second time; an entry commits with the row that it tells of. The mail goes
//! out once, as `mail.rs` says, before the address is forgotten. Retry: every failure. An organisation that is being created or restored makes the
//! task wait; one that would be left without an owner makes it fail, before anything is taken from that one.
//!
//! Once Cognito knows nobody any more, the task waits for as long as a request can be under way: whoever was signing in at that moment finds the
//! row that says that the account is being deleted, and writes none anew.

use super::{Effect, Step, Wait};
use crate::App;
use crate::mail::Mailed;
use aws_dynamodb::{Change, OrgTable, Refused};
use domain::account::User;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Progress, Task};
use domain::{Grant, OrgId, Role, ServiceError, UserId};
use serde_json::json;
use std::time::Duration;

/// How many places one step takes away: a few reads and transactions each, which the worker's time-out of a minute bears.
const PLACES_A_STEP: usize = 20;
/// There is more to take away.
const GO_ON: Duration = Duration::ZERO;
/// An organisation whose journal cannot be written at present.
const LATER: Duration = Duration::from_secs(5 * 60);
/// Longer than a request can take: the time-out of `functions/identity`.
const REQUESTS_ENDED: Duration = Duration::from_secs(16);
/// Where the job has got to when all that is left are the person's own rows.
const UNKNOWN_TO_COGNITO: &str = "unknown to Cognito";

/// What became of a place.
enum Left {
    /// It is gone.
    Gone,
    /// Its organisation cannot be changed at present.
    Later,
    /// The person is the only owner.
    Orphan,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(user) = task.requested_by.parse::<UserId>() else {
        return Ok(Step::Fail("the task names no person".to_owned()));
    };
    let state = app.directory.account_state(user).await?;
    let Some(state) = state.filter(|state| state.deleted_by == Some(task.id)) else {
        return Ok(Step::Done(Effect::default()));
    };
    if let Some(step) = leave_all(app, user).await? {
        return Ok(step);
    }
    if task.state.is_none() {
        let told = app.directory.federated(user).await?;
        let username = told.map_or_else(|| user.sub(), |told| told.username);
        app.pool.delete(&username).await.map_err(failed)?;
        return Ok(Step::Wait(Wait {
            delay: REQUESTS_ENDED,
            state: Some(json!(UNKNOWN_TO_COGNITO)),
            progress: Some(Progress::new(90, "nobody can sign in any more")),
        }));
    }
    forget(app, task, &state.user).await
}

/// Takes places away; the step to take as long as some are left.
async fn leave_all(app: &App, user: UserId) -> Result<Option<Step>, ServiceError> {
    let places = app.directory.some_places_of(user, PLACES_A_STEP + 1).await?;
    let mut later = false;
    for (org, role) in places.iter().take(PLACES_A_STEP) {
        match leave(app, user, *org, *role).await? {
            Left::Gone => {}
            Left::Later => later = true,
            Left::Orphan => {
                let reason = format!("{org} has no other owner: make somebody one, or delete it, and retry");
                return Ok(Some(Step::Fail(reason)));
            }
        }
    }
    Ok(match (later, places.len() > PLACES_A_STEP) {
        (true, _) => Some(Step::wait(LATER)),
        (false, true) => Some(Step::wait(GO_ON)),
        (false, false) => None,
    })
}

async fn leave(app: &App, user: UserId, org: OrgId, role: Role) -> Result<Left, ServiceError> {
    let own = app.directory.keys_made_by(org, user).await?;
    let Some(found) = app.directory.organization(org).await? else {
        app.directory.drop_place(org, user, &own).await?;
        return Ok(Left::Gone);
    };
    let alive = !matches!(found.status, OrgStatus::Deleting | OrgStatus::Deleted);
    if alive && role == Role::Owner && app.directory.other_owner(org, user).await?.is_none() {
        return Ok(Left::Orphan);
    }
    match found.status {
        OrgStatus::Provisioning | OrgStatus::Restoring => return Ok(Left::Later),
        // A closing organisation may be reopened: its journal tells who was in it.
        OrgStatus::Active | OrgStatus::Closing => {}
        // Without a table in use there is no journal to tell.
        OrgStatus::Failed | OrgStatus::Deleting | OrgStatus::Deleted => {
            app.directory.drop_place(org, user, &own).await?;
            return Ok(Left::Gone);
        }
    }
    let Some(table) = open(app, user, found) else {
        return Ok(Left::Later);
    };
    for key in own {
        let change = told("api_key.revoked", key.to_string(), None);
        once(app.directory.revoke_key(&table, change, key).await)?;
    }
    let change = told("member.removed", user.to_string(), Some(json!({ "role": role })));
    once(app.directory.end_membership(&table, change, user).await)?;
    Ok(Left::Gone)
}

fn open(app: &App, user: UserId, org: Organization) -> Option<OrgTable> {
    let grant = Grant::for_task(org.id, user.to_string(), org.status, org.table);
    app.tables.open(&grant).ok()
}

fn told(action: &'static str, resource: String, before: Option<serde_json::Value>) -> Change {
    Change::told(Event {
        action,
        resource,
        before,
        after: Some(json!({ "because": "account.delete" })),
    })
}

/// What is not there any more was taken away before, by whomever.
fn once(made: Result<(), Refused>) -> Result<(), ServiceError> {
    match made {
        Ok(()) | Err(Refused::Write(_)) => Ok(()),
        Err(Refused::Service(error)) => Err(error),
    }
}

/// The mail, then the address, then the rows of the person; their own goes with the task's end, and a key in it with it.
async fn forget(app: &App, task: &Task, user: &User) -> Result<Step, ServiceError> {
    if let Some(to) = app.address(user.id).await?
        && let Mailed::Unknown(delay) = app.mail(to, task.id.into(), letter()).await?
    {
        return Ok(Step::wait(delay));
    }
    app.directory.forget_address(user).await?;
    app.directory.forget_person(user.id).await?;
    app.directory
        .with_person_gone(Change::silent(), user.id)
        .map(|change| Step::Done(Effect::silent(change)))
}

/// What calling the task off before it begins brings about: the account stays.
pub(super) fn called_off(app: &App, task: &Task) -> Result<Effect, ServiceError> {
    let Ok(user) = task.requested_by.parse::<UserId>() else {
        return Ok(Effect::default());
    };
    app.directory
        .with_account_kept(Change::silent(), (user, task.id), app.source.now())
        .map(Effect::silent)
}

fn failed(error: aws_cognito::CognitoError) -> ServiceError {
    match error {
        aws_cognito::CognitoError::Service(error) => error,
        other => ServiceError::Failed(other.to_string()),
    }
}

fn letter() -> (&'static str, String) {
    let text = "Your account is deleted, as you have asked, with your places in organisations and the API keys that you made there.\n\n\
                Nothing of you is kept but what you have done, under a number that is nobody's any more. You can sign up again at any time.\n";
    ("Your account is deleted", text.to_owned())
}
