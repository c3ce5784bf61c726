//! `organization.export`: writes all that an organisation has to a file for download: its own row and notes, members, projects, devices, streams,
//! readings, events and journal, a line of JSON each, which says by `type` what it is. The last line, `end`, counts them, so that a file that was cut off
//! shows.
//!
//! Idempotency: each step goes on from the place and the state of the file that the task's row names; one that is repeated writes the same places
//! again. What changes meanwhile is in the file as it was when the walk came by. The file's key is the task's; what the row tells of it commits with the entry
//! `organization.exported`, and, for an organisation that is closing by this task, with word in its row that it may be deleted. Where a step
//! finds the file's upload over, or the table replaced by a restore, it begins anew. Memory: one part of the file and one page of blocks. Retry:
//! every failure of a call is tried again. An organisation that is being restored makes the task wait; one that is being deleted fails it.

mod events;
mod place;
mod readings;

use super::{Effect, Step, Wait, export, state};
use crate::App;
use aws_dynamodb::{Change, OrgTable};
use aws_s3::FileState;
use domain::ServiceError;
use domain::journal::Event;
use domain::organization::{Closing, OrgStatus, Organization};
use domain::task::{Progress, Task, TaskFile};
use jiff::SignedDuration;
use place::{Lines, Place};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// There is more to write.
const GO_ON: Duration = Duration::ZERO;
/// How long one step goes on: with a last page and a last part to upload, well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(20);
/// Lines that are compressed together: the more, the better.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    /// The generation of the table that it is about.
    generation: u32,
    /// Where the walk goes on.
    place: Place,
    /// How many lines there are of each type.
    counts: BTreeMap<String, u64>,
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
        let mut state = self.state();
        let mut file = self.app.storage.write_file(self.key(), state.file.clone()).await?;
        let (mut piece, until) = (String::new(), self.app.source.now() + STEP);
        while state.place != Place::End {
            let Lines { text, counts, next } = place::advance(self, &state.place).await?;
            state.count(counts);
            state.place = next;
            piece.push_str(&text);
            let late = self.app.source.now() >= until;
            if piece.len() >= PIECE_BYTES || late {
                file.append(std::mem::take(&mut piece).as_bytes()).await?;
            }
            if late && state.place != Place::End {
                state.file = file.pause().await?;
                return Ok(state.wait());
            }
        }
        let end = json!({ "type": "end", "counts": state.counts });
        file.append(format!("{piece}{end}\n").as_bytes()).await?;
        self.done(&state.counts, &file.finish().await?)
    }

    /// Where an earlier step has left off, or the beginning.
    fn state(&self) -> State {
        let state = state(self.task).filter(|state: &State| state.generation == self.org.generation);
        state.unwrap_or_else(|| State {
            generation: self.org.generation,
            place: Place::Organization,
            counts: BTreeMap::new(),
            file: FileState::default(),
        })
    }

    /// The file of a closing organisation outlives its deletion.
    fn key(&self) -> String {
        let (org, task) = (self.org.id, self.task.id);
        match self.task.input["closing"] == true {
            true => TaskFile::closing_key_of(org, task, "ndjson.gz"),
            false => TaskFile::key_of(org, task, "ndjson.gz"),
        }
    }

    fn done(&self, counts: &BTreeMap<String, u64>, file: &TaskFile) -> Result<Step, ServiceError> {
        let change = Change::told(Event {
            action: "organization.exported",
            resource: self.org.id.to_string(),
            before: None,
            after: Some(json!({ "task": self.task.id, "sha256": file.sha256 })),
        });
        let change = match self.closed(file) {
            Some(org) => self.app.directory.with_organization(change, &org, self.task.id)?,
            None => change,
        };
        Ok(Step::Done(Effect {
            change,
            table: Some(self.table.clone()),
            result: Some(json!({ "counts": counts, "file": file })),
        }))
    }

    /// The organisation with word of the file, where it is closing by this task.
    fn closed(&self, file: &TaskFile) -> Option<Organization> {
        let ours = self.org.status == OrgStatus::Closing && self.org.task == self.task.id;
        let closing = self.org.closing.clone().filter(|_| ours)?;
        let export = Some(file.clone());
        Some(Organization {
            closing: Some(Closing { export, ..closing }),
            ..self.org.clone()
        })
    }
}

impl State {
    fn count(&mut self, (kind, lines): (&str, u64)) {
        if lines > 0 {
            *self.counts.entry(kind.to_owned()).or_default() += lines;
        }
    }

    fn wait(self) -> Step {
        let lines: u64 = self.counts.values().sum();
        Step::Wait(Wait {
            delay: GO_ON,
            progress: Some(Progress::new(self.place.percent(), format!("{lines} lines written"))),
            state: Some(json!(self)),
        })
    }
}
