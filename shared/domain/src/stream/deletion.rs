//! Ranges that were deleted.

use super::StreamSettings;
use crate::TaskId;
use crate::reading::ReadingTime;
use blocks::Hole;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most deletions that a stream remembers.
pub const MOST_DELETIONS: usize = 100;
/// How long a deletion is remembered once its task is done: longer than an upload from before it can lie in its queue, among the dead
/// letters, and in its queue again, 14 days each.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A range that was deleted: what was accepted until a moment. Who writes or shows readings passes those over, from the moment at which
/// it is laid down; a task then takes them out of their blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The task that takes the readings out of their blocks.
    pub task: TaskId,
    /// The first instant of the range.
    pub start: ReadingTime,
    /// The first instant after it.
    pub end: ReadingTime,
    /// Readings accepted up to then are deleted, in milliseconds since the epoch; those that come later are stored.
    pub until: u64,
    /// When the task was done.
    #[serde(default)]
    pub done_at: Option<Timestamp>,
}

impl Deletion {
    /// What is not there.
    pub fn hole(&self) -> Hole {
        Hole {
            start: self.start.nanos(),
            end: self.end.nanos(),
            until: self.until,
        }
    }

    /// Whether it can be forgotten.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.done_at.is_some_and(|done| now.duration_since(done) > REMEMBERED)
    }
}

impl StreamSettings {
    /// The next version of these settings, with a range deleted; deletions that can be forgotten are. None where there are too many others.
    pub fn deleting(&self, deletion: Deletion, now: Timestamp) -> Option<Self> {
        let mut next = self.next();
        next.deletions.retain(|deletion| !deletion.is_over(now));
        next.deletions.push(deletion);
        (next.deletions.len() <= MOST_DELETIONS).then_some(next)
    }

    /// The deletion of that task, where it is still laid down.
    pub fn deletion(&self, task: TaskId) -> Option<&Deletion> {
        self.deletions.iter().find(|deletion| deletion.task == task)
    }

    /// The next version of these settings, with a deletion's task done.
    pub fn deleted_by(&self, task: TaskId, now: Timestamp) -> Self {
        let mut next = self.next();
        let done = next.deletions.iter_mut().filter(|deletion| deletion.task == task);
        done.for_each(|deletion| deletion.done_at = Some(now));
        next
    }

    /// The next version of these settings, without a deletion.
    pub fn undeleted(&self, task: TaskId) -> Self {
        let mut next = self.next();
        next.deletions.retain(|deletion| deletion.task != task);
        next
    }

    fn next(&self) -> Self {
        Self {
            version: self.version + 1,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deletion(n: u128) -> Deletion {
        Deletion {
            task: TaskId::from(ulid::Ulid(n)),
            start: ReadingTime::from_nanos(1).unwrap(),
            end: ReadingTime::from_nanos(2).unwrap(),
            until: 7,
            done_at: None,
        }
    }

    #[test]
    fn deletions_are_bounded_and_forgotten_once_they_are_done() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut settings = StreamSettings::of("t".parse().unwrap());
        for n in 0..100 {
            settings = settings.deleting(deletion(n), now).unwrap();
        }
        assert_eq!(settings.version, 100);
        assert_eq!(settings.deleting(deletion(100), now), None);
        let later = now + REMEMBERED + SignedDuration::from_secs(1);
        // One whose task is not done is remembered for as long as it takes.
        assert_eq!(settings.deleting(deletion(100), later), None);
        let done = settings.deleted_by(deletion(3).task, now);
        assert_eq!(done.deleting(deletion(100), now + REMEMBERED), None);
        let next = done.deleting(deletion(100), later).unwrap();
        assert!(next.deletion(deletion(3).task).is_none() && next.deletion(deletion(100).task).is_some());
        assert_eq!(next.undeleted(deletion(100).task).deletions.len(), 99);
    }
}
