//! `readings.export`: writes readings of a device to a file for download, one stream after another, each in the order of time: as Parquet, or as
//! lines of CSV. Computed streams are computed for it.
//!
//! Idempotency: each step goes on from the stream, the time and the state of the file that the task's row names; one that is repeated writes the
//! same places again. What is uploaded meanwhile is in the file if it lies beyond where the walk is. The file's key is the task's; what its row tells of the file
//! commits with the entry `readings.exported`, after the file is laid down. Where a step finds the file's upload over, or the table replaced by
//! a restore, it begins anew. Memory: one page of blocks, one row group, one part of the file. Retry: what is throttled is tried again. An organisation that is being
//! restored makes the task wait; one that is being deleted, or is gone, fails it.

mod columns;
mod output;
mod pages;
mod thrift;

use super::{Effect, Step, Wait, export, state, stream_blocks};
use crate::App;
use aws_dynamodb::{Change, OrgTable};
use blocks::Reading;
use domain::ServiceError;
use domain::journal::Event;
use domain::organization::Organization;
use domain::reading::ReadingTime;
use domain::task::{Progress, ReadingsExport, Task, TaskFile};
use jiff::SignedDuration;
use output::{Output, OutputState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// There is more to write.
const GO_ON: Duration = Duration::ZERO;
/// How long one step goes on: with a last row group and a last part to upload, well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(20);
/// Readings of a row group, or some more: the more, the better they are compressed, and some 20 MB of memory.
const GROUP: usize = 250_000;

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// The generation of the table that it is about.
    generation: u32,
    /// Which of the variables is next, and from which time on.
    variable: usize,
    from: i64,
    /// How many readings are written.
    readings: u64,
    output: OutputState,
}

struct Export<'a> {
    app: &'a App,
    task: &'a Task,
    asked: ReadingsExport,
    org: Organization,
    table: OrgTable,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(asked) = serde_json::from_value(task.input.clone()) else {
        return Ok(Step::Fail("the task does not say which readings".to_owned()));
    };
    let (org, table) = match export::opened(app, task).await? {
        Ok(opened) => opened,
        Err(step) => return Ok(step),
    };
    let export = Export {
        app,
        task,
        asked,
        org,
        table,
    };
    export::or_anew(export.go_on().await)
}

impl Export<'_> {
    async fn go_on(&self) -> Result<Step, ServiceError> {
        let mut state = self.state();
        let format = self.asked.format;
        let key = TaskFile::key_of(self.org.id, self.task.id, format.ending());
        let mut output = Output::open(&self.app.storage, (key, format), std::mem::take(&mut state.output)).await?;
        let until = self.app.source.now() + STEP;
        while let Some(variable) = self.asked.variables.get(state.variable) {
            if output.is_full() {
                return Ok(Step::Refuse(
                    "there are more readings than fit into one file: ask for a shorter range, or for fewer variables"
                        .to_owned(),
                ));
            }
            let (readings, next) = self.group(&state).await?;
            output.write((self.asked.device, variable), &readings).await?;
            state.readings += readings.len() as u64;
            (state.variable, state.from) = match next {
                Some(from) => (state.variable, from),
                None => (state.variable + 1, self.start()),
            };
            if self.app.source.now() >= until {
                state.output = output.pause().await?;
                return Ok(self.wait(&state));
            }
        }
        Ok(self.done(state.readings, &output.finish().await?))
    }

    /// Where an earlier step has left off, or the beginning.
    fn state(&self) -> State {
        let state = state(self.task).filter(|state: &State| state.generation == self.org.generation);
        state.unwrap_or_else(|| State {
            generation: self.org.generation,
            variable: 0,
            from: self.start(),
            readings: 0,
            output: OutputState::default(),
        })
    }

    fn start(&self) -> i64 {
        self.asked.start.map_or(0, ReadingTime::nanos)
    }

    /// The readings of the next row group, and from which time to go on; none after the stream's last.
    async fn group(&self, state: &State) -> Result<(Vec<Reading>, Option<i64>), ServiceError> {
        let end = self.asked.end.map_or(i64::MAX, ReadingTime::nanos);
        let Some(variable) = self.asked.variables.get(state.variable) else {
            return Ok((Vec::new(), None));
        };
        let (mut group, mut from) = (Vec::new(), state.from);
        let of = (self.asked.device, variable);
        let settings = self.table.stream_settings(of.0, of.1).await?;
        let scale = settings.and_then(|settings| settings.output_scale);
        loop {
            let (some, next) = stream_blocks::readings(&self.table, of, (from, end)).await?;
            group.extend(some.into_iter().map(|reading| stream_blocks::scaled(reading, scale)));
            match next {
                Some(next) if group.len() < GROUP => from = next,
                next => return Ok((group, next)),
            }
        }
    }

    fn wait(&self, state: &State) -> Step {
        let done = state.variable * 100 / self.asked.variables.len().max(1);
        let message = format!("{} readings written", state.readings);
        Step::Wait(Wait {
            delay: GO_ON,
            progress: Some(Progress::new(u8::try_from(done).unwrap_or(100), message)),
            state: Some(json!(state)),
        })
    }

    fn done(&self, readings: u64, file: &TaskFile) -> Step {
        let change = Change::told(Event {
            action: "readings.exported",
            resource: self.asked.device.to_string(),
            before: None,
            after: Some(json!({ "task": self.task.id, "readings": readings, "sha256": file.sha256 })),
        });
        Step::Done(Effect {
            change,
            table: Some(self.table.clone()),
            result: Some(json!({ "readings": readings, "file": file })),
        })
    }
}
