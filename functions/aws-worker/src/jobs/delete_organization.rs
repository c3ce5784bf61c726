//! `organization.delete`: deletes the organisation's stored objects, the stack of each generation of its table and its rows in the directory.
//!
//! Idempotency: each step deletes what is there and finds nothing the second time; the order (objects, stack, rows, the task's end) leaves
//! the task runnable until the last, in whose transaction the organisation shows as deleted. Objects are deleted some thousands at a step, so that no step outlives the function. Whoever asked
//! keeps their place, so that they can see the task's end, and through it fetch the file that the organisation left: a month. Retry: every failure of a call is tried again, and so is a stack that could not
//! be deleted; each counts as an attempt, and when they are used up the owner can ask again.

use super::{Effect, Step, organization, stack};
use crate::App;
use aws_dynamodb::Change;
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use serde_json::json;
use std::time::Duration;

/// Where an organisation's objects lie in the storage bucket.
const PREFIXES: &[&str] = &["archive", "blocks", "errors", "events", "exports", "uploads"];
/// There is more to delete.
const GO_ON: Duration = Duration::ZERO;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    if !delete_objects(app, &org).await? {
        return Ok(Step::wait(GO_ON));
    }
    for generation in org.generations() {
        if let Some(step) = stack::clear(app, task, &org, generation).await? {
            return Ok(step);
        }
    }
    finish(app, org, task).await
}

async fn finish(app: &App, org: Organization, task: &Task) -> Result<Step, ServiceError> {
    app.directory.clean_up(org.id, &task.requested_by).await?;
    let org = Organization {
        status: OrgStatus::Deleted,
        table: None,
        machine_key: None,
        ..org
    };
    let last = (task.requested_by.as_str(), app.source.now());
    let change = app
        .directory
        .with_deleted_organization(Change::silent(), &org, task.id, last);
    let left = org.closing.as_ref().and_then(|closing| closing.export.as_ref());
    Ok(Step::Done(Effect {
        result: left.map(|file| json!({ "file": file })),
        ..Effect::silent(change.await?)
    }))
}

/// Deletes objects; whether none is left.
async fn delete_objects(app: &App, org: &Organization) -> Result<bool, ServiceError> {
    for prefix in PREFIXES {
        if !app.storage.delete_some(&format!("{prefix}/{}/", org.id)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
