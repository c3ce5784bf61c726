//! `readings.copy`: copies the readings of a range of a stream into another stream, as they are shown but for scales. Of a computed stream it
//! writes what the formula gives.
//!
//! Idempotency: a copied reading keeps its time and its id, and counts as accepted when the copy was asked for; so what is copied twice, by a step that is repeated or
//! by a copy that is asked for again, adds nothing, what is uploaded to the target later wins over it, and a later deletion takes it, too. The keys of blocks
//! follow from the task, their last times and their places. The row names the time from which the next step goes on; the entry `readings.copied` commits with
//! the task's end. Each step heeds the target's settings as they are at its beginning: it ends well before a deletion's own task begins
//! (`delete_readings.rs`). Retry: what is throttled waits, and is gone on with. An organisation that is being restored makes the task wait, and the copy
//! begin anew in the table that comes of it. Called off, it leaves what it has copied.

use super::{Effect, Step, Wait, export, state, stream_blocks};
use crate::App;
use aws_dynamodb::{Change, OrgTable, Stream, StreamBlocks};
use blocks::{Acceptance, Reading, StoredBlock};
use domain::ServiceError;
use domain::id::Id;
use domain::journal::Event;
use domain::stream::{StreamSettings, Unfit};
use domain::task::{Progress, ReadingsCopy, Task};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// A partition takes 1,000 writes a second; what came before counts.
const THROTTLED: Duration = Duration::from_secs(5);
/// How long one step goes on: with a last page of blocks well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(15);

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// The generation of the table that it is about.
    generation: u32,
    /// From which time on readings are to be copied.
    from: i64,
    /// How many are.
    copied: u64,
    /// How many the target did not take, by why.
    refused: BTreeMap<Unfit, u64>,
}

struct Copy<'a> {
    task: &'a Task,
    asked: ReadingsCopy,
    table: OrgTable,
    /// What is laid down about the target, but for its input scale: what is copied was stored by its stream's own.
    target: StreamSettings,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(asked) = serde_json::from_value::<ReadingsCopy>(task.input.clone()) else {
        return Ok(Step::Fail("the task does not say which readings".to_owned()));
    };
    let (org, table) = match export::opened(app, task).await? {
        Ok(opened) => opened,
        Err(step) => return Ok(step),
    };
    let target = match target(&table, &asked).await? {
        Ok(target) => target,
        Err(why) => return Ok(Step::Refuse(why.to_owned())),
    };
    let state = state(task).filter(|state: &State| state.generation == org.generation);
    let state = state.unwrap_or_else(|| State {
        generation: org.generation,
        from: asked.start.nanos(),
        copied: 0,
        refused: BTreeMap::new(),
    });
    let copy = Copy {
        task,
        asked,
        table,
        target,
    };
    copy.go_on(state, app).await
}

/// What is laid down about the target; or why nothing can be copied there any more.
async fn target(table: &OrgTable, asked: &ReadingsCopy) -> Result<Result<StreamSettings, &'static str>, ServiceError> {
    let target = &asked.target;
    if table.device(target.device).await?.is_none() {
        return Ok(Err("the device that readings were to be copied to was deleted"));
    }
    let settings = table.stream_settings(target.device, &target.variable).await?;
    let settings = settings.unwrap_or_else(|| StreamSettings::of(target.variable.clone()));
    Ok(match settings.takes_none() {
        Some(Unfit::Computed) => Err("the target is computed by a formula, and takes no readings"),
        Some(_) => Err("the target is disabled, and takes no readings"),
        None => Ok(StreamSettings {
            input_scale: None,
            ..settings
        }),
    })
}

impl Copy<'_> {
    /// Copies until a moment.
    async fn go_on(&self, mut state: State, app: &App) -> Result<Step, ServiceError> {
        let until = app.source.now() + STEP;
        loop {
            let next = match self.advance(&mut state).await {
                Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok(self.wait(&state, THROTTLED)),
                next => next?,
            };
            match next {
                None => return Ok(self.done(&state)),
                Some(from) => state.from = from,
            }
            if app.source.now() >= until {
                return Ok(self.wait(&state, Duration::ZERO));
            }
        }
    }

    /// Copies some readings; from which time on there are more.
    async fn advance(&self, state: &mut State) -> Result<Option<i64>, ServiceError> {
        let source = &self.asked.source;
        let of = (source.device, &source.variable);
        let range = (state.from, self.asked.end.nanos());
        let (readings, next) = stream_blocks::readings(&self.table, of, range).await?;
        let (mut taken, mut refused) = (Vec::new(), state.refused.clone());
        for reading in readings {
            match self.target.admit(reading, self.task.created_at) {
                Ok(reading) => taken.push(reading),
                Err(why) => *refused.entry(why).or_default() += 1,
            }
        }
        let copied = state.copied + taken.len() as u64;
        self.write(taken).await?;
        (state.copied, state.refused) = (copied, refused);
        Ok(next)
    }

    /// Writes readings to the target: after the note of how long their blocks are, before which no reader finds them.
    async fn write(&self, readings: Vec<Reading>) -> Result<(), ServiceError> {
        let accepted = Acceptance(self.task.id.ulid().0);
        let blocks = StoredBlock::encode_all(readings, accepted)
            .map_err(|error| ServiceError::Failed(format!("copied readings: {error}")))?;
        let Some(span) = blocks.iter().map(|block| block.summary.span()).max() else {
            return Ok(());
        };
        let (device, variable) = (self.asked.target.device, self.asked.target.variable.clone());
        let stream = Stream::new(variable.clone(), self.task.created_at, span);
        self.table.note_stream(device, &stream).await?;
        let blocks = StreamBlocks { variable, blocks };
        self.table.put_blocks(device, vec![blocks]).await
    }

    fn wait(&self, state: &State, delay: Duration) -> Step {
        let (start, end) = (self.asked.start.nanos(), self.asked.end.nanos());
        let done = i128::from(state.from - start) * 100 / i128::from((end - start).max(1));
        let message = format!("{} readings copied", state.copied);
        Step::Wait(Wait {
            delay,
            progress: Some(Progress::new(u8::try_from(done).unwrap_or(100), message)),
            state: Some(json!(state)),
        })
    }

    fn done(&self, State { copied, refused, .. }: &State) -> Step {
        let event = Event {
            action: "readings.copied",
            resource: self.asked.target.to_string(),
            before: None,
            after: Some(json!({ "task": self.task.id, "count": copied, "refused": refused })),
        };
        Step::Done(Effect {
            change: Change::told(event),
            table: Some(self.table.clone()),
            result: Some(json!({ "count": copied, "refused": refused })),
        })
    }
}
