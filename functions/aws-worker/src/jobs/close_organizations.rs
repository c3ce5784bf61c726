//! `system.close_organizations`: each day, which closing organisations' time has come: their deletion begins. The owners of those whose time is
//! near are told once more.
//!
//! Idempotency: it goes through the organisations in order of creation, and its state says how far. A deletion's task is accepted in one
//! transaction with the organisation's row, which says from then on that it is being deleted, so a page that is gone through again begins none
//! twice; the last word to the owners is a task whose id follows from organisation and time. Retry: what is throttled is tried again. An
//! organisation whose deletion cannot begin keeps none of the others from theirs: the round fails at its end, and the next day's takes it up.
//! One that is not exported waits for its export, of whose failure staff and owner are told.

use super::{Effect, Step, state};
use crate::App;
use aws_dynamodb::Change;
use domain::journal::Event;
use domain::organization::{Closing, OrgStatus, Organization};
use domain::task::{Task, TaskKind, last_word_before_deletion};
use domain::{Grant, OrgId, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many organisations one step looks at.
const PAGE: usize = 100;

/// How far a round is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    /// The last organisation that was looked at.
    after: Option<OrgId>,
    /// How many have been.
    looked_at: u64,
    /// How many deletions could not begin.
    failed: u64,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut round: Round = state(task).unwrap_or_default();
    let (page, next) = app.directory.all_organizations(round.after, PAGE).await?;
    for org in page {
        round.looked_at += 1;
        match visit(app, task, &org).await {
            // Somebody has just reopened it, or was here before.
            Ok(()) | Err(ServiceError::Conflict) => {}
            Err(ServiceError::Failed(why)) => {
                tracing::error!(org = %org.id, why, "a closing organisation could not be looked after");
                round.failed += 1;
            }
            Err(busy) => return Err(busy),
        }
    }
    match next {
        Some(last) => {
            round.after = Some(last);
            Step::go_on(&round, format!("{} organisations looked at", round.looked_at))
        }
        None => Ok(end(&round)),
    }
}

fn end(round: &Round) -> Step {
    let Round { looked_at, failed, .. } = round;
    if *failed > 0 {
        return Step::Fail(format!(
            "{failed} of {looked_at} organisations could not be looked after"
        ));
    }
    Step::Done(Effect {
        result: Some(json!({ "organizations": looked_at })),
        ..Effect::default()
    })
}

async fn visit(app: &App, task: &Task, org: &Organization) -> Result<(), ServiceError> {
    let Some(closing) = org.closing.as_ref().filter(|_| org.status == OrgStatus::Closing) else {
        return Ok(());
    };
    let now = app.source.now();
    if closing.is_due(now) {
        return delete(app, task, org, closing).await;
    }
    if closing.is_soon(now) {
        let notice = last_word_before_deletion(org.id, closing.deletes_at, now);
        app.directory.accept_task(&notice).await?;
        app.queue.wake(&notice).await;
    }
    Ok(())
}

/// Begins the deletion, in the name of whoever asked for it: they keep their place for a month, to see its end and to fetch the file.
async fn delete(app: &App, task: &Task, org: &Organization, closing: &Closing) -> Result<(), ServiceError> {
    let kind = TaskKind::DeleteOrganization;
    let deletion = Task::queued(
        app.source.id(),
        org.id,
        kind,
        closing.asked_by.clone(),
        app.source.now(),
    );
    let deletion = deletion.child_of(task.id);
    let deleting = Organization {
        status: OrgStatus::Deleting,
        task: deletion.id,
        ..org.clone()
    };
    let change = Change::told(Event {
        action: "organization.deletion_began",
        resource: org.id.to_string(),
        before: None,
        after: Some(json!({ "task": deletion.id })),
    });
    let change = app.directory.with_organization(change, &deleting, org.task)?;
    let change = app.directory.with_task(change, &deletion)?;
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table.clone());
    let table = app.tables.open(&grant);
    let table = table.map_err(|denied| ServiceError::Failed(denied.to_string()))?;
    app.directory.commit(Some(&table), change).await?;
    app.queue.wake(&deletion).await;
    Ok(())
}
