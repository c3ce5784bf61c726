//! The outbox's sweep, every minute: it sends what a crash left unsent, wakes what a lost message left waiting, and clears the notes of tasks
//! that have ended.
//!
//! It ends no task itself: one that outlived its deadline is woken, and the worker gives it up, with all that this brings about. With nothing
//! to do it reads one empty partition a shard, however many organisations there are.

use aws_dynamodb::{Directory, Note};
use aws_sqs::Queue;
use domain::id::Id;
use domain::task::Task;
use domain::{ServiceError, Source, TaskId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// Tasks younger than this are on their way.
const YOUNG: SignedDuration = SignedDuration::from_mins(2);
/// One that was sent again is left alone for so long: its message may wait behind many others.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// Notes read together; their tasks are read together as well.
const PAGE: usize = 100;

/// The queue of tasks, as staff name it.
const TASKS: &str = "tasks";

/// What the sweep works with.
pub struct App {
    /// The outbox and the tasks.
    pub directory: Directory,
    /// The AWS worker's queue.
    pub tasks: Queue,
    /// The time.
    pub source: Source,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Notes of tasks that should have moved and have not: their messages were sent again.
    pub woken: u32,
    /// Notes of tasks that have ended.
    pub cleared: u32,
}

impl App {
    /// Sweeps every shard, also when one before it failed. While staff have paused the queue of tasks nothing is woken: it would only pile up.
    pub async fn sweep(&self) -> Result<Swept, ServiceError> {
        if self.directory.pause(TASKS).await?.is_some() {
            return Ok(Swept::default());
        }
        let shards = (0..Directory::OUTBOX_SHARDS).map(|shard| self.sweep_shard(shard));
        let swept = futures::future::join_all(shards).await;
        swept.into_iter().try_fold(Swept::default(), |sum, shard| {
            let shard = shard?;
            Ok(Swept {
                woken: sum.woken + shard.woken,
                cleared: sum.cleared + shard.cleared,
            })
        })
    }

    async fn sweep_shard(&self, shard: u128) -> Result<Swept, ServiceError> {
        let (mut swept, mut after) = (Swept::default(), None);
        loop {
            let (notes, next) = self.directory.outbox_notes(shard, after, PAGE).await?;
            let now = self.source.now();
            let old: Vec<_> = notes.iter().filter(|note| !young(note.task, now)).cloned().collect();
            // Notes lie in the order of acceptance: behind a young one there are only younger.
            let done = next.is_none() || old.len() < notes.len();
            let due: Vec<_> = old
                .into_iter()
                .filter(|note| note.due.is_none_or(|due| due <= now))
                .collect();
            self.sweep_notes(&due, &mut swept).await?;
            if done {
                return Ok(swept);
            }
            after = next;
        }
    }

    async fn sweep_notes(&self, notes: &[Note], swept: &mut Swept) -> Result<(), ServiceError> {
        let tasks = self.directory.noted_tasks(notes).await?;
        let tasks: HashMap<_, _> = tasks.into_iter().map(|task| (task.id, task)).collect();
        for note in notes {
            match tasks.get(&note.task) {
                Some(task) if task.overdue(self.source.now()) => {
                    self.wake(task).await?;
                    swept.woken += 1;
                }
                Some(task) if task.finished_at.is_none() => {}
                // It has ended, or ended so long ago that its row is gone.
                _ => {
                    self.directory.clear_note(note.task, note.run_at).await?;
                    swept.cleared += 1;
                }
            }
        }
        Ok(())
    }

    /// First the message, then the note: a crash in between sends it once more, and a task that comes twice finds nothing to do.
    async fn wake(&self, task: &Task) -> Result<(), ServiceError> {
        tracing::warn!(task = %task.id, kind = task.kind, "waking a task whose message must have been lost");
        self.tasks.send(&task.message(), Duration::ZERO).await?;
        self.directory.postpone(task.id, self.source.now() + AGAIN).await
    }
}

fn young(task: TaskId, now: Timestamp) -> bool {
    let accepted = i64::try_from(task.ulid().timestamp_ms()).unwrap_or(i64::MAX);
    now.as_millisecond().saturating_sub(accepted) < i64::try_from(YOUNG.as_millis()).unwrap_or(i64::MAX)
}
