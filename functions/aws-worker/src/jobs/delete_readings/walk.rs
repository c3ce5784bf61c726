//! Going through a stream for what is to be deleted: counting it first, then taking it out.

use crate::App;
use crate::jobs::stream_blocks::read;
use crate::jobs::{Step, Wait, state};
use aws_dynamodb::{OrgTable, Stream};
use blocks::{Hole, StoredBlock, latest};
use domain::stream::{Deletion, StreamSettings};
use domain::task::{Progress, Task};
use domain::{DeviceId, ServiceError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// A partition takes 1,000 writes a second; what came before counts.
const THROTTLED: Duration = Duration::from_secs(5);
/// How long one step goes on: with a last page of blocks well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(15);
/// Blocks that are looked at together for what is to be taken out of them.
const PAGE: usize = 200;

/// Where the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// Readings from that time on are to be counted.
    Count(i64),
    /// Readings in blocks that end at that time or later are to be taken out.
    Remove(i64),
    /// Nothing more.
    End,
}

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Walk {
    place: Place,
    /// How many readings are deleted.
    pub count: u64,
}

/// A deletion, and what it is of.
pub(super) struct Job<'a> {
    table: &'a OrgTable,
    device: DeviceId,
    stream: &'a Stream,
    /// The holes of the stream's other deletions: what is in them is deleted already.
    others: Vec<Hole>,
    hole: Hole,
}

impl<'a> Job<'a> {
    /// The deletion of a stream with these settings.
    pub fn of(
        (table, device): (&'a OrgTable, DeviceId),
        stream: &'a Stream,
        (settings, deletion): (&StreamSettings, &Deletion),
    ) -> Self {
        let others = settings.deletions.iter().filter(|other| other.task != deletion.task);
        Self {
            table,
            device,
            stream,
            others: others.map(Deletion::hole).collect(),
            hole: deletion.hole(),
        }
    }

    /// Goes on from where an earlier step has left off: how far it came, and when there is more to do.
    pub async fn go_on(&self, app: &App, task: &Task) -> Result<(Walk, Option<Duration>), ServiceError> {
        let mut walk = state(task).unwrap_or(Walk {
            place: Place::Count(self.hole.start),
            count: 0,
        });
        let until = app.source.now() + STEP;
        while walk.place != Place::End {
            let next = match walk.place {
                Place::Count(from) => self.count(walk, from).await,
                Place::Remove(from) => self.remove(from).await.map(|place| Walk { place, ..walk }),
                Place::End => break,
            };
            let before = walk.place;
            walk = match next {
                Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok((walk, Some(THROTTLED))),
                next => next?,
            };
            // What is counted must be known before the first of it goes.
            let counted = matches!((before, walk.place), (Place::Count(_), Place::Remove(_)));
            if walk.place != Place::End && (counted || app.source.now() >= until) {
                return Ok((walk, Some(Duration::ZERO)));
            }
        }
        Ok((walk, None))
    }

    /// Counts the readings of some blocks that are to go.
    async fn count(&self, walk: Walk, from: i64) -> Result<Walk, ServiceError> {
        let (blocks, complete) = read(self.table, (self.device, self.stream), from, &self.others).await?;
        let end = complete.map_or(self.hole.end, |complete| complete.min(self.hole.end));
        let mut all = Vec::new();
        for block in blocks.iter().filter(|block| block.touches(from, end)) {
            all.extend(block.decode_accepted().map_err(|error| self.broken(&error))?);
        }
        let goes = |time, millis| time < end && time >= from && self.hole.holds(time, millis);
        let count = latest(all).iter().filter(|of| goes(of.reading.time, of.millis)).count();
        Ok(Walk {
            count: walk.count + count as u64,
            place: if end < self.hole.end {
                Place::Count(end)
            } else {
                Place::Remove(self.hole.start)
            },
        })
    }

    /// Takes the readings out of a page of blocks.
    async fn remove(&self, from: i64) -> Result<Place, ServiceError> {
        let Some(lasts) = blocks::last_times_of(self.hole.start, self.hole.end) else {
            return Ok(Place::End);
        };
        let of = (self.device, &self.stream.variable);
        let (mut kept, more) = self.table.kept_blocks(of.0, of.1, (from, *lasts.end()), PAGE).await?;
        let opened = kept.iter_mut().map(|kept| &mut kept.block);
        let opened = opened.filter(|block| block.is_opened_for(&[self.hole]));
        self.table.fetch(opened).await?;
        let (mut old, mut new): (Vec<_>, Vec<StoredBlock>) = (Vec::new(), Vec::new());
        for kept in &kept {
            let left = kept.block.clone().without(&[self.hole]);
            let left = left.map_err(|error| self.broken(&error))?;
            if left.as_ref().map(|block| &block.bytes) != Some(&kept.block.bytes) {
                old.push(kept);
                new.extend(left);
            }
        }
        let written = !new.is_empty();
        self.table.replace_blocks(of, &old, new).await?;
        if written && self.stream.archived.is_some_and(|until| self.hole.start < until) {
            // What is written anew lies in the table, whence the next round moves it.
            self.table.note_archived(of.0, of.1, self.hole.start).await?;
        }
        let last = kept.last().map(|kept| kept.block.summary.last.time).filter(|_| more);
        // Where a page ends among blocks of one last time, it is gone on with those; a page of them alone is done with.
        Ok(last.map_or(Place::End, |last| {
            Place::Remove(if last > from { last } else { last.saturating_add(1) })
        }))
    }

    fn broken(&self, error: &blocks::BlockError) -> ServiceError {
        ServiceError::Failed(format!("a block of {}: {error}", self.device))
    }
}

impl Walk {
    /// There is more to do after that long.
    pub fn wait(self, delay: Duration) -> Step {
        let (percent, message) = match self.place {
            Place::Count(_) => (10, format!("{} readings found", self.count)),
            Place::Remove(_) | Place::End => (50, format!("{} readings are being deleted", self.count)),
        };
        Step::Wait(Wait {
            delay,
            progress: Some(Progress::new(percent, message)),
            state: Some(json!(self)),
        })
    }
}
