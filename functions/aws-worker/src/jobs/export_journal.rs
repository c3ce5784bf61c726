//! `journal.export`: writes an organisation's journal, or a stretch of it, to a file for download: lines of canonical JSON, oldest first, closed
//! by a signed head.
//!
//! Idempotency: where the stretch ends is settled by the first step; each step goes on from the entry and the state of the file that the task's
//! row names, and one that is repeated writes the same places again. The file's key is the task's; what its row tells of the file commits
//! with the entry `journal.exported`, after the file is laid down. Where a step finds the file's upload over, or the table replaced by a
//! restore, it begins anew. Retry: what is throttled is tried again. An organisation that is being restored makes the task wait; one that is
//! being deleted, or is gone, fails it.

use super::{Effect, Step, Wait, export, state};
use crate::App;
use aws_dynamodb::{Change, OrgTable};
use aws_s3::FileState;
use domain::ServiceError;
use domain::journal::{Event, Head, SignedHead};
use domain::organization::Organization;
use domain::task::{Progress, Task, TaskFile};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// There is more to write.
const GO_ON: Duration = Duration::ZERO;
/// How long one step goes on: with a last part to upload, well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(20);
/// Entries read together, and compressed together.
const PAGE: usize = 500;

/// Which entries, as the request says.
#[derive(Default, Deserialize)]
struct Asked {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// The generation of the table that it is about.
    generation: u32,
    /// The first entry's place, and the last one's.
    first: u64,
    last: u64,
    /// The latest entry that was written, or the one before the first.
    written: (u64, String),
    file: FileState,
}

struct Export<'a> {
    app: &'a App,
    task: &'a Task,
    org: Organization,
    table: OrgTable,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let (org, table) = match export::opened(app, task).await? {
        Ok(opened) => opened,
        Err(step) => return Ok(step),
    };
    let export = Export { app, task, org, table };
    export::or_anew(export.go_on().await)
}

impl Export<'_> {
    async fn go_on(&self) -> Result<Step, ServiceError> {
        let state = state(self.task).filter(|state: &State| state.generation == self.org.generation);
        let mut state = match state {
            Some(state) => state,
            None => self.begin().await?,
        };
        let key = TaskFile::key_of(self.org.id, self.task.id, "ndjson.gz");
        let mut file = self.app.storage.write_file(key, state.file.clone()).await?;
        let until = self.app.source.now() + STEP;
        while let Some(lines) = self.lines(&mut state).await? {
            file.append(lines.as_bytes()).await?;
            if self.app.source.now() >= until {
                state.file = file.pause().await?;
                return Ok(state.wait());
            }
        }
        let head = self.head(&state).await?;
        file.append(format!("{}\n", head.line()).as_bytes()).await?;
        Ok(self.done(&state, &file.finish().await?))
    }

    /// Settles which entries it is about.
    async fn begin(&self) -> Result<State, ServiceError> {
        let Asked { from, to } = serde_json::from_value(self.task.input.clone()).unwrap_or_default();
        let latest = self.table.journal_head().await?.sequence;
        let first = match from {
            Some(from) => self.table.journal_place(from, latest).await?,
            None => 1,
        };
        let last = match to {
            Some(to) => self.table.journal_place(to, latest).await?.saturating_sub(1),
            None => latest,
        };
        let before = first.saturating_sub(1);
        let entry = self.table.journal_entry(before).await?;
        Ok(State {
            generation: self.org.generation,
            first,
            last,
            written: (before, entry.map(|entry| entry.hash).unwrap_or_default()),
            file: FileState::default(),
        })
    }

    /// The next lines; none after the last.
    async fn lines(&self, state: &mut State) -> Result<Option<String>, ServiceError> {
        let (written, _) = state.written;
        let left = usize::try_from(state.last.saturating_sub(written)).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(None);
        }
        let mut lines = String::new();
        let entries = self.table.journal_after(written, PAGE.min(left)).await?;
        for entry in entries.into_iter().filter(|entry| entry.sequence <= state.last) {
            lines.push_str(&entry.line());
            lines.push('\n');
            state.written = (entry.sequence, entry.hash);
        }
        Ok(Some(lines).filter(|lines| !lines.is_empty()))
    }

    async fn head(&self, state: &State) -> Result<SignedHead, ServiceError> {
        let (sequence, hash) = state.written.clone();
        let latest = self.table.journal_head().await?.sequence;
        let (keys, now) = (&self.app.journal_keys, self.app.source.now());
        let head = SignedHead::unsigned(self.org.id, Head { sequence, hash }, now, keys.present().to_owned());
        keys.sign(head.of_part(state.first, latest)).await
    }

    fn done(&self, state: &State, file: &TaskFile) -> Step {
        let (first, last) = (state.first, state.written.0);
        let event = Event {
            action: "journal.exported",
            resource: self.task.id.to_string(),
            before: None,
            after: Some(json!({ "first": first, "last": last, "sha256": file.sha256 })),
        };
        Step::Done(Effect {
            change: Change::told(event),
            table: Some(self.table.clone()),
            result: Some(json!({ "first": first, "last": last, "file": file })),
        })
    }
}

impl State {
    fn wait(self) -> Step {
        let (written, of) = (self.written.0, self.last);
        let done = written.saturating_sub(self.first) * 100 / of.saturating_sub(self.first).max(1);
        let percent = u8::try_from(done).unwrap_or(100);
        Step::Wait(Wait {
            delay: GO_ON,
            progress: Some(Progress::new(percent, format!("written up to entry {written} of {of}"))),
            state: Some(json!(self)),
        })
    }
}
