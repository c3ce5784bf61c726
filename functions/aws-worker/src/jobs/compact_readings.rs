//! `readings.compact`: makes few large blocks of the many small ones that an organisation's readings lie in. Nobody who reads notices.
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
//! **What it costs**: measured by `cargo test --workspace --test faults cost`.

mod merge;

use super::{Effect, Step, Wait, organization, state};
use crate::App;
use aws_dynamodb::{OrgTable, Stream};
use domain::organization::OrgStatus;
use domain::reading::VariableName;
use domain::task::{Progress, Task};
use domain::{DeviceId, Grant, ProjectId, ServiceError};
use jiff::{SignedDuration, Timestamp};
use merge::{Merged, merge};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// A partition takes 1,000 writes a second; what came before counts.
const THROTTLED: Duration = Duration::from_secs(5);
/// How long one step goes on: with a last page of blocks well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(15);
/// Blocks that are read together.
const PAGE: usize = 500;
/// Blocks that end later than so long ago are left alone.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);
/// How late readings may come and still be merged.
const LATE: SignedDuration = SignedDuration::from_hours(24 * 7);

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
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let org = organization(app, task).await?;
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table);
    let Some(table) = app.tables.open(&grant).ok().filter(|_| org.status == OrgStatus::Active) else {
        return Ok(Step::Done(Effect::default()));
    };
    let mut state = state(task).unwrap_or(State {
        place: Place::Projects(None),
        merged: 0,
        made: 0,
        expired: 0,
    });
    let until = app.source.now() + STEP;
    while state.place != Place::End && app.source.now() < until {
        match state.advance(&table, task.run_at).await {
            Ok(()) => {}
            Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok(state.wait(THROTTLED)),
            Err(error) => return Err(error),
        }
    }
    match state.place {
        Place::End => Ok(Step::Done(Effect {
            result: Some(json!({ "merged": state.merged, "made": state.made, "expired": state.expired })),
            ..Effect::default()
        })),
        _ => Ok(state.wait(Duration::ZERO)),
    }
}

impl State {
    /// Goes on by one page, as of a moment.
    async fn advance(&mut self, table: &OrgTable, now: Timestamp) -> Result<(), ServiceError> {
        self.place = match &self.place {
            Place::Projects(after) => {
                let (projects, _) = table.projects(*after, 1).await?;
                let project = projects.first();
                project.map_or(Place::End, |project| Place::Devices(project.id, None))
            }
            Place::Devices(project, after) => {
                let (devices, more) = table.devices(*project, *after, 1).await?;
                match (devices.first(), more) {
                    (Some((device, _)), _) => Place::Streams(*project, device.id, None),
                    // One that was deleted just now.
                    (None, Some(gone)) => Place::Devices(*project, Some(gone)),
                    (None, None) => Place::Projects(Some(*project)),
                }
            }
            Place::Streams(project, device, after) => {
                let (streams, _) = table.streams(*device, after.as_ref(), 1).await?;
                match streams.into_iter().next() {
                    Some(stream) => {
                        let then = stream.compacted.unwrap_or(i64::MIN);
                        Place::Old(*project, *device, stream.variable, (i64::MIN, then))
                    }
                    None => Place::Devices(*project, Some(*device)),
                }
            }
            Place::Old(project, device, variable, (from, then)) => {
                let (project, device, variable, from, then) = (*project, *device, variable.clone(), *from, *then);
                match self.expire(table, (device, &variable), from, now).await? {
                    Some(from) => Place::Old(project, device, variable, (from, then)),
                    None => Place::Blocks(project, device, variable, then),
                }
            }
            Place::Blocks(project, device, variable, from) => {
                let (project, device, variable, from) = (*project, *device, variable.clone(), *from);
                match self.compact(table, (device, &variable), from, now).await? {
                    Some(from) => Place::Blocks(project, device, variable, from),
                    None => Place::Streams(project, device, Some(variable)),
                }
            }
            Place::End => Place::End,
        };
        Ok(())
    }

    /// Lets go of a page of a stream's blocks that are older than it keeps; from where there are more.
    async fn expire(
        &mut self,
        table: &OrgTable,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
        now: Timestamp,
    ) -> Result<Option<i64>, ServiceError> {
        let settings = table.stream_settings(device, variable).await?;
        let Some(floor) = settings
            .and_then(|settings| settings.floor(now))
            .filter(|floor| from < *floor)
        else {
            return Ok(None);
        };
        let (old, more) = table.kept_blocks(device, variable, (from, floor - 1), PAGE).await?;
        let last = old.last().map(|kept| kept.block.summary.last.time);
        self.expired += old.len() as u64;
        let old: Vec<_> = old.iter().collect();
        table.replace_blocks((device, variable), &old, Vec::new()).await?;
        Ok(last.filter(|_| more))
    }

    /// Merges a page of a stream's blocks; from where there are more.
    async fn compact(
        &mut self,
        table: &OrgTable,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
        now: Timestamp,
    ) -> Result<Option<i64>, ServiceError> {
        let Some(stream) = table.stream(device, variable).await? else {
            return Ok(None);
        };
        // Before the blocks: what is deleted once they are read is taken out of what becomes of them.
        let settings = table.stream_settings(device, variable).await?;
        let holes = settings.map(|settings| settings.deleted()).unwrap_or_default();
        let before = nanoseconds(now - SETTLED);
        let (kept, more) = table.kept_blocks(device, variable, (from, before - 1), PAGE).await?;
        let blocks: Vec<_> = kept.iter().map(|kept| &kept.block).collect();
        let merged =
            merge(&blocks, before, &holes).map_err(|why| ServiceError::Failed(format!("blocks of {device}: {why}")))?;
        let reached = merged.reached.unwrap_or(from);
        let last = blocks.last().map(|block| block.summary.last.time);
        self.replace(table, (device, &stream), &kept, merged).await?;
        match last.filter(|_| more) {
            // What is not as large as it should be is merged with what comes next; at least a block is left behind.
            Some(last) => Ok(Some(if reached > from {
                reached
            } else {
                last.saturating_add(1)
            })),
            None => {
                let settled = reached.min(nanoseconds(now - LATE));
                if stream.compacted.is_none_or(|before| before < settled) {
                    table.note_compacted(device, variable, settled).await?;
                }
                Ok(None)
            }
        }
    }

    async fn replace(
        &mut self,
        table: &OrgTable,
        (device, stream): (DeviceId, &Stream),
        kept: &[aws_dynamodb::KeptBlock],
        merged: Merged,
    ) -> Result<(), ServiceError> {
        let Merged { old, new, .. } = merged;
        if old.is_empty() {
            return Ok(());
        }
        (self.merged, self.made) = (self.merged + old.len() as u64, self.made + new.len() as u64);
        let spans = new
            .iter()
            .map(|block| block.summary.last.time.saturating_sub(block.summary.first.time));
        let span = spans.max().unwrap_or_default();
        if span > stream.span {
            // Before the blocks that it tells of, so that no reader stops short of them.
            table.note_stream(device, &Stream { span, ..stream.clone() }).await?;
        }
        let old: Vec<_> = old.iter().filter_map(|place| kept.get(*place)).collect();
        table.replace_blocks((device, &stream.variable), &old, new).await
    }

    fn wait(self, delay: Duration) -> Step {
        Step::Wait(Wait {
            delay,
            progress: Some(Progress::new(
                50,
                format!(
                    "{} blocks merged into {}, {} expired",
                    self.merged, self.made, self.expired
                ),
            )),
            state: Some(json!(self)),
        })
    }
}

fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}
