//! `organization.restore`: puts an organisation's data back to what they were at a moment, in a new generation of its table. While it runs the
//! organisation is `restoring`, and its table opens to nobody.
//!
//! 1. A number for the generation, which no other run will have.
//! 2. DynamoDB restores the present table, as it was, into a table by the way; CloudFormation creates the new generation's stack.
//! 3. All items are copied from the one into the other, page by page. (The restored table is not taken into the stack, since importing
//!    it would leave it without the stack's tags, time to live and point-in-time recovery. Copying costs about one write unit a KB.)
//! 4. The copy is read again: its items must be those that were copied, by number and digest, and its journal an unbroken chain.
//! 5. The table by the way is deleted. In one transaction the directory names the new generation, the organisation is active, the
//!    new table's journal tells of it, the generation before is to be cleared away in a week, and the task ends.
//!
//! Idempotency: everything is called after the organisation and the generation; copying a page again writes the same items, and the state
//! holds how far the copy is together with the digest of what was copied. Retry: every failure of a call is tried again; a moment
//! that the backup does not reach, a stack that was rolled back, and a copy that differs fail the task. Then, as when it is called off, the
//! organisation is active on the table it had, and what was begun is cleared away.

mod copy;
mod state;
mod switch;

use super::stack::{Stack, restored_table, stack_name, token};
use super::{Change, Effect, Step, Wait, clear_generation, organization};
use crate::App;
use aws_cloudformation::StackStatus;
use aws_dynamodb::{Asked, TableState};
use domain::ServiceError;
use domain::organization::{OrgStatus, Organization, SCHEMA};
use domain::task::Task;
use jiff::{SignedDuration, Timestamp};
use state::{Phase, State};
use std::time::Duration;

/// How soon after a moment a table can be restored to it, with some to spare (AWS "Point-in-time recovery": usually five minutes).
const RESTORABLE_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// Restoring a table takes minutes to hours.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Until the moment can be restored.
const NOT_YET: Duration = Duration::from_secs(60);
/// On to the next step.
const GO_ON: Duration = Duration::ZERO;

/// What a step works on.
struct Restore<'a> {
    app: &'a App,
    task: &'a Task,
    org: Organization,
    /// The organisation's present table.
    source: String,
    at: Timestamp,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    if org.task != task.id || org.status != OrgStatus::Restoring {
        return Ok(Step::Fail("the organisation is not being restored".to_owned()));
    }
    let at = task.input["at"].as_str().and_then(|at| at.parse().ok());
    let (Some(at), Some(source)) = (at, org.table.clone()) else {
        return Ok(Step::Fail(
            "the task does not name a moment, or there is no table".to_owned(),
        ));
    };
    let restore = Restore {
        app,
        task,
        org,
        source,
        at,
    };
    match State::of(task) {
        None => restore.begin().await,
        Some(state) => match state.phase {
            Phase::Prepare => restore.prepare(state).await,
            Phase::Copy | Phase::Read => restore.go_through(state).await,
            Phase::Journal => restore.check_journal(state).await,
            Phase::Switch => restore.switch(&state).await,
        },
    }
}

/// What the failure of a restore, or calling it off, brings about: what it began is cleared away.
pub(super) fn abandoned(app: &App, task: &Task, change: Change) -> Result<Change, ServiceError> {
    match State::of(task) {
        Some(state) => {
            let clear = clear_generation::after(app, task, state.generation, SignedDuration::ZERO);
            app.directory.with_task(change, &clear)
        }
        None => Ok(change),
    }
}

impl Restore<'_> {
    /// Takes a number. A crash after it leaves a number unused.
    async fn begin(self) -> Result<Step, ServiceError> {
        let generation = self.org.next_generation();
        let org = Organization {
            last_generation: generation,
            ..self.org
        };
        self.app.directory.save_organization(&org, self.task.id).await?;
        Ok(State::new(generation).wait(GO_ON))
    }

    async fn prepare(self, state: State) -> Result<Step, ServiceError> {
        let generation = state.generation;
        let restored = restored_table(self.app, &self.org, generation);
        let table = self.app.tables.table_state(&restored).await?;
        if table == TableState::Missing {
            match self.app.tables.restore(&self.source, &restored, self.at).await? {
                Asked::Begun => {}
                Asked::OutOfReach if self.app.source.now() < self.at + RESTORABLE_AFTER => {
                    return Ok(state.wait(NOT_YET));
                }
                Asked::OutOfReach => return Ok(Step::Fail(format!("there is no backup of the moment {}", self.at))),
            }
        }
        let name = stack_name(self.app, &self.org, generation);
        match self.app.stacks.status(&name).await? {
            Some(StackStatus::Complete) if table == TableState::Ready => Ok(state.enter(Phase::Copy).wait(GO_ON)),
            Some(StackStatus::Complete | StackStatus::InProgress) => Ok(state.wait(LOOK_AGAIN)),
            None | Some(StackStatus::Deleted) => {
                let stack = Stack::new(self.app, &self.org, generation, SCHEMA);
                stack.create(&token(self.task, &format!("create-{generation}"))).await?;
                Ok(state.wait(LOOK_AGAIN))
            }
            Some(StackStatus::Failed { reason } | StackStatus::RolledBack { reason }) => {
                tracing::error!(stack = name, reason, "a stack to restore into was rolled back");
                Ok(Step::Fail("the new table could not be created".to_owned()))
            }
        }
    }
}
