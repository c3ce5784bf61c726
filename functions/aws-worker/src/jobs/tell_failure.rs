//! `notice.task_failed`: tells staff, and whoever asked for a task, that it failed for good. A mail holds a link and no data.
//!
//! Idempotency: the notice is a task accepted in the transaction that fails the other, so there is one for each failure. Staff are told by SNS
//! at least once, as SNS itself promises; that they were is saved before the mail. The mail goes out once: it is claimed before it is sent,
//! and a claim whose answer was lost waits for SES's own word of it (`mail.rs`). Retry: what is throttled; a mail that SES refuses is not
//! mailed again.

use super::{Effect, Step, Wait};
use crate::App;
use crate::mail::Mailed;
use domain::task::{Task, TaskKind, TaskStatus};
use domain::{KeyId, Principal, ServiceError, TaskId, UserId};
use jiff::Timestamp;
use serde_json::json;
use std::time::Duration;

/// The notice of a task's failure. The upgrade of one organisation is told of by the upgrade of all; this notice itself is not told of.
pub(crate) fn notice(failed: &Task, id: TaskId, now: Timestamp) -> Option<Task> {
    let untold = [TaskKind::TellFailure, TaskKind::UpgradeOrganization];
    if failed.known_kind().is_some_and(|kind| untold.contains(&kind)) {
        return None;
    }
    let notice = Task::queued(id, failed.org, TaskKind::TellFailure, failed.requested_by.clone(), now);
    let run = json!({ "run_at": failed.run_at });
    Some(notice.child_of(failed.id).with_input(run))
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Some(parent) = task.parent else {
        return Ok(Step::Fail("the notice does not name a task".to_owned()));
    };
    // One that is gone, or has been retried since, is nothing to tell of.
    let failed = app.directory.task(task.org, parent).await?;
    let still = |failed: &Task| failed.status == TaskStatus::Failed && task.input["run_at"] == json!(failed.run_at);
    let Some(failed) = failed.filter(still) else {
        return Ok(Step::Done(Effect::default()));
    };
    if task.state.is_none() {
        return tell_staff(app, &failed).await;
    }
    let Some(to) = asker(app, &failed).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    match app.mail(to, task.id.into(), letter(app, &failed)).await? {
        Mailed::Settled => Ok(Step::Done(Effect::default())),
        Mailed::Unknown(delay) => Ok(Step::wait(delay)),
    }
}

async fn tell_staff(app: &App, failed: &Task) -> Result<Step, ServiceError> {
    let text = format!(
        "Task {} ({}) failed for good after {} attempts: {}\n\n{}\n",
        failed.id,
        failed.kind,
        failed.attempts,
        failed.error.as_deref().unwrap_or_default(),
        app.deployment.link(&failed.path()),
    );
    let subject = format!("millwright {}: {} failed", app.deployment.stage, failed.kind);
    app.operations.publish(&subject, &text).await?;
    Ok(Step::Wait(Wait {
        delay: Duration::ZERO,
        state: Some(json!("staff are told")),
        progress: None,
    }))
}

/// The address of whoever asked, where they want to hear of it: a person, or the one who made the key.
async fn asker(app: &App, failed: &Task) -> Result<Option<domain::text::Email>, ServiceError> {
    let Some(person) = person(app, failed).await? else {
        return Ok(None);
    };
    let wants = app
        .directory
        .user(person)
        .await?
        .is_some_and(|user| user.notices.task_failed);
    match wants {
        true => app.address(person).await,
        false => Ok(None),
    }
}

async fn person(app: &App, failed: &Task) -> Result<Option<UserId>, ServiceError> {
    match (failed.requested_by.parse(), failed.org) {
        (Ok(Principal::User(user)), _) => Ok(Some(user)),
        (Ok(Principal::ApiKey(key)), Some(org)) => key_maker(app, org, key).await,
        _ => Ok(None),
    }
}

async fn key_maker(app: &App, org: domain::OrgId, key: KeyId) -> Result<Option<UserId>, ServiceError> {
    let key = app.directory.key(org, key).await?;
    Ok(key.and_then(|key| key.created_by.parse().ok()))
}

fn letter(app: &App, failed: &Task) -> (&'static str, String) {
    let text = format!(
        "A task that you asked for has failed for good.\n\nWhat it was, and why it failed:\n{}\n\n\
         You get this mail because your notices of failed tasks are on; they are part of your profile.\n",
        app.deployment.link(&failed.path()),
    );
    ("A task of yours has failed", text)
}
