//! `readings.compact`: makes few large blocks of the many small ones that an organisation's readings lie in, and moves older ones to files of the
//! storage bucket. Nobody who reads notices.
//!
//! Idempotency: what is made of blocks follows from them alone, down to the key; the new blocks are written before the old ones are let go, so
//! whatever a crash leaves amounts to the same readings, and a step that is repeated merges what it finds. The state says how far the walk is.
//! Retry: what is throttled waits, and is gone on with. An organisation that is not in use is left to the next day's round.
//!
//! **What it looks at.** Blocks whose last reading is an hour old or more: to the rest more will come. A stream's row says up to where its
//! blocks are as few as they can be, at most up to a week ago, so that what devices send late is merged, too; what comes later than
//! that stays in blocks of its own.
//!
//! **What is older than its stream keeps** goes before: blocks of which nothing is kept get a time to live, after which DynamoDB deletes them.
//! Readers show none of it from the moment it is too old, so it makes no difference when that is. What was deleted is not merged, and
//! nothing is merged by settings older than the page: a deletion's own task waits for steps that know nothing of it yet (`delete_readings.rs`).
//!
//! **What is older than the organisation wants in its table** moves to files (`archive.rs`), of which those that no block refers to any more
//! are deleted in the end (`look.rs`).
//!
//! **What it costs**: measured by `cargo test --workspace --test faults cost`.

mod archive;
mod blocks;
mod look;
mod merge;
mod walk;

use super::{Effect, Step, Wait, organization, state};
use crate::App;
use archive::Sending;
use aws_dynamodb::OrgTable;
use domain::block_files::ArchiveAge;
use domain::organization::OrgStatus;
use domain::reading::VariableName;
use domain::task::{Progress, Task};
use domain::{DeviceId, Grant, ProjectId, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// A partition takes 1,000 writes a second; what came before counts.
const THROTTLED: Duration = Duration::from_secs(5);
/// How long one step goes on: with a last page of blocks well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(15);

/// Where the walk is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// The projects after that one.
    Projects(Option<ProjectId>),
    /// A project's devices, after that one.
    Devices(ProjectId, Option<DeviceId>),
    /// A device's streams, after that one.
    Streams(ProjectId, DeviceId, Option<VariableName>),
    /// A stream's blocks that are older than it keeps, from that time on; and from where its blocks are then to be merged.
    Old(ProjectId, DeviceId, VariableName, (i64, i64)),
    /// A stream's blocks, from that time on.
    Blocks(ProjectId, DeviceId, VariableName, i64),
    /// A stream's blocks that are to move to files, from that time on.
    Archive(ProjectId, DeviceId, VariableName, i64),
    /// A file that is written, and the blocks that lie in it.
    Send(ProjectId, Sending),
    /// The organisation's files, after that one.
    Files(Option<String>),
    /// Nothing more.
    End,
}

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// Where the walk goes on.
    place: Place,
    /// How many blocks were merged.
    merged: u64,
    /// How many they became.
    made: u64,
    /// How many were older than their streams keep.
    #[serde(default)]
    expired: u64,
    /// How many have moved to files.
    #[serde(default)]
    moved: u64,
}

/// Whose blocks, and by which rules.
struct Round<'a> {
    app: &'a App,
    task: &'a Task,
    table: OrgTable,
    /// After how long they move to files; none for never.
    age: Option<ArchiveAge>,
}

impl Round<'_> {
    /// As of when it is.
    fn now(&self) -> Timestamp {
        self.task.run_at
    }
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table);
    let Some(table) = app.tables.open(&grant).ok().filter(|_| org.status == OrgStatus::Active) else {
        return Ok(Step::Done(Effect::default()));
    };
    let age = app.directory.profile(org.id).await?.archive_readings_after;
    let round = Round { app, task, table, age };
    let mut state = state(task).unwrap_or(State {
        place: Place::Projects(None),
        merged: 0,
        made: 0,
        expired: 0,
        moved: 0,
    });
    let until = app.source.now() + STEP;
    while state.place != Place::End && app.source.now() < until {
        match state.advance(&round).await {
            Ok(()) => {}
            Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok(state.wait(THROTTLED)),
            Err(error) => return Err(error),
        }
        if matches!(state.place, Place::Send(..)) {
            // What is in a file must be known before the first row names it: a repetition would find fewer rows, and write another.
            break;
        }
    }
    match state.place {
        Place::End => Ok(Step::Done(Effect {
            result: Some(json!({
                "merged": state.merged, "made": state.made, "expired": state.expired, "moved": state.moved,
            })),
            ..Effect::default()
        })),
        _ => Ok(state.wait(Duration::ZERO)),
    }
}

impl State {
    fn wait(self, delay: Duration) -> Step {
        Step::Wait(Wait {
            delay,
            progress: Some(Progress::new(
                50,
                format!(
                    "{} blocks merged into {}, {} expired, {} moved to files",
                    self.merged, self.made, self.expired, self.moved
                ),
            )),
            state: Some(json!(self)),
        })
    }
}

fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}
