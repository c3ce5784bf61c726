//! `system.upgrade_organizations`: upgrades every organisation whose stack is behind, a few at a time.
//!
//! Idempotency: it goes through the organisations in order of creation, and its state says how far. The task that upgrades an organisation
//! has an id that follows from this task, its run and the organisation, and is accepted in one transaction with the organisation's
//! row, which names it; so a page that is gone through again finds what was accepted, and accepts none twice. Retry: what is throttled is tried
//! again. When some organisations could not be upgraded, it fails and names them; run again, it takes up those that are still behind.

mod state;

use super::{Effect, Step, Wait};
use crate::App;
use aws_dynamodb::Change;
use domain::organization::Organization;
use domain::task::{Progress, Task, TaskKind, TaskStatus};
use domain::{ServiceError, TaskId};
use serde_json::json;
use state::{Open, State};
use std::time::Duration;

/// How many organisations are upgraded at once: CloudFormation works on some hundred stacks of an account, and others want some.
const AT_ONCE: usize = 5;
/// How many organisations one step looks at.
const PAGE: usize = 100;
/// An upgrade takes seconds to minutes.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// There is more to look at.
const GO_ON: Duration = Duration::ZERO;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut state = match State::of(task) {
        Some(state) => state,
        None => State::new(app.directory.count_organizations().await?),
    };
    settle(app, &mut state).await?;
    if !state.at_end && state.open.len() < AT_ONCE {
        go_through(app, task, &mut state).await?;
    }
    if state.at_end && state.open.is_empty() {
        return Ok(state.end());
    }
    let room = !state.at_end && state.open.len() < AT_ONCE;
    Ok(Step::Wait(Wait {
        delay: if room { GO_ON } else { LOOK_AGAIN },
        state: Some(json!(state)),
        progress: Some(state.progress()),
    }))
}

/// Counts the upgrades that have ended.
async fn settle(app: &App, state: &mut State) -> Result<(), ServiceError> {
    for open in std::mem::take(&mut state.open) {
        match app.directory.task(Some(open.org), open.task).await? {
            Some(child) if child.finished_at.is_none() => state.open.push(open),
            Some(child) if child.status == TaskStatus::Succeeded => state.upgraded += 1,
            _ => state.note_failed(open.org),
        }
    }
    Ok(())
}

/// Looks at the next organisations, and has those upgraded that are behind, until as many are under way as may be.
async fn go_through(app: &App, task: &Task, state: &mut State) -> Result<(), ServiceError> {
    let (page, next) = app.directory.all_organizations(state.after, PAGE).await?;
    for org in page {
        if state.open.len() >= AT_ONCE {
            return Ok(());
        }
        state.after = Some(org.id);
        state.seen += 1;
        if let Some(child) = upgrade(app, task, &org).await? {
            state.open.push(Open {
                org: org.id,
                task: child,
            });
        }
    }
    // The last of a page may be gone by now, and none of the page be left: the list knows where it goes on.
    state.after = next;
    state.at_end = next.is_none();
    Ok(())
}

/// Accepts the task that upgrades an organisation, where it is behind and no other task is about to change it.
async fn upgrade(app: &App, task: &Task, org: &Organization) -> Result<Option<TaskId>, ServiceError> {
    let child = state::child(task, org.id);
    if org.task == child {
        return Ok(Some(child));
    }
    if !org.is_behind() || has_task_under_way(app, org).await? {
        return Ok(None);
    }
    let kind = TaskKind::UpgradeOrganization;
    let accepted = Task::queued(child, org.id, kind, task.requested_by.clone(), app.source.now()).child_of(task.id);
    let in_hand = Organization {
        task: child,
        ..org.clone()
    };
    let change = app.directory.with_organization(Change::silent(), &in_hand, org.task)?;
    let change = app.directory.with_task(change, &accepted)?;
    match app.directory.commit(None, change).await.map_err(ServiceError::from) {
        Ok(()) => app.queue.send(&accepted.message(), Duration::ZERO).await?,
        // Somebody has just asked for it to be deleted or restored: whatever is behind then is upgraded the next time.
        Err(ServiceError::Conflict) => return Ok(None),
        Err(error) => return Err(error),
    }
    Ok(Some(child))
}

/// Whether another task has it in hand, such as an earlier run's.
async fn has_task_under_way(app: &App, org: &Organization) -> Result<bool, ServiceError> {
    let latest = app.directory.task(Some(org.id), org.task).await?;
    Ok(latest.is_some_and(|task| task.finished_at.is_none()))
}
