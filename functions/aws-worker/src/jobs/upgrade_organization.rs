//! `organization.upgrade`: brings an organisation's stack to the present template, one schema version at a time. The organisation stays in
//! use meanwhile.
//!
//! Idempotency: the client request token is the task's id, its run and the version; the directory's row says which version is reached,
//! and each is asked for once the one before is there. The last commits with the task's end. Should another task take the organisation in
//! hand, this one ends: what it has reached stays. Retry: every failure of a call is tried again; an update that CloudFormation rolled back
//! fails the task, and the organisation is in use as it was before.

use super::stack::{Stack, stack_name, token};
use super::{Effect, Step, Wait, organization};
use crate::App;
use aws_cloudformation::StackStatus;
use aws_dynamodb::Change;
use domain::ServiceError;
use domain::organization::{Organization, SCHEMA};
use domain::task::{Progress, Task};
use serde_json::{Value, json};
use std::time::Duration;

/// An index takes minutes, a tag seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// On to the next version.
const GO_ON: Duration = Duration::ZERO;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    if org.task != task.id || !org.is_behind() {
        let result = Some(json!({ "schema": org.schema }));
        return Ok(Step::Done(Effect {
            result,
            ..Effect::default()
        }));
    }
    let next = org.schema + 1;
    let was_asked = task.state.as_ref() == Some(&asked(next));
    let name = stack_name(app, &org, org.generation);
    match app.stacks.status(&name).await? {
        None | Some(StackStatus::Deleted) => Ok(Step::Fail("the organisation has no stack to upgrade".to_owned())),
        Some(StackStatus::InProgress) => Ok(Step::wait(LOOK_AGAIN)),
        Some(StackStatus::Complete) if was_asked => reached(app, org, task, next).await,
        Some(StackStatus::RolledBack { reason }) if was_asked => Ok(refused(&name, next, &reason)),
        Some(StackStatus::Complete | StackStatus::RolledBack { .. }) => ask(app, org, task, next).await,
        Some(StackStatus::Failed { reason }) => Ok(refused(&name, next, &reason)),
    }
}

/// What the task notes once it has asked for a version.
fn asked(version: u32) -> Value {
    json!({ "asked": version })
}

/// CloudFormation's reasons name the organisation's own resources and limits; staff and owner may read them.
fn refused(stack: &str, version: u32, reason: &str) -> Step {
    tracing::error!(stack, version, reason, "an organisation's stack was not upgraded");
    Step::Fail(format!(
        "the upgrade to schema version {version} was rolled back: {reason}"
    ))
}

async fn ask(app: &App, org: Organization, task: &Task, version: u32) -> Result<Step, ServiceError> {
    let stack = Stack::new(app, &org, org.generation, version);
    if !stack.update(&token(task, &format!("schema-{version}"))).await? {
        return reached(app, org, task, version).await;
    }
    Ok(Step::Wait(Wait {
        delay: LOOK_AGAIN,
        state: Some(asked(version)),
        progress: Some(progress(version)),
    }))
}

async fn reached(app: &App, org: Organization, task: &Task, version: u32) -> Result<Step, ServiceError> {
    let org = Organization { schema: version, ..org };
    if org.is_behind() {
        app.directory.save_organization(&org, task.id).await?;
        return Ok(Step::wait(GO_ON));
    }
    let change = app.directory.with_organization(Change::silent(), &org, task.id)?;
    let result = Some(json!({ "schema": version }));
    Ok(Step::Done(Effect {
        result,
        ..Effect::silent(change)
    }))
}

fn progress(version: u32) -> Progress {
    let percent = u8::try_from(100 * (version - 1) / SCHEMA).unwrap_or(100);
    Progress::new(percent, format!("upgrading to schema version {version}"))
}
