//! The life of a task: every step from one state to the next, as pure functions of the row and the time.
//!
//! Each step makes the row's next revision; a store writes it only over the revision it was made from. So of two that step at the same
//! moment one finds that the other was first, and whoever lost a lease can write nothing any more.
//!
//! ```text
//! queued --begin--> running --succeed--> succeeded
//!   ^  ^               |  |----fail----> failed ----run_again--> queued
//!   |  '---try_again---'  |--cancelled-> cancelled -run_again--> queued
//!   |                     '-----wait---> running, without a lease, due later (the same attempt goes on)
//! ```

use super::{Attempt, Progress, Task, TaskKind, TaskStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How long an attempt has the task to itself: longer than the worker's time-out, so that whoever holds a lease that ran out is dead.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// A message may be this much early without being sent round again: clocks differ.
const EARLY: SignedDuration = SignedDuration::from_secs(1);
/// How many attempts a row remembers.
const LOGGED: usize = 10;
/// How long what became of a task can be read.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long after its time a task has to have moved, or else its message is taken for lost.
const OVERDUE: SignedDuration = SignedDuration::from_mins(2);
/// What is said of an attempt whose lease ran out.
const NO_ANSWER: &str = "the worker ended without an answer";

/// What a delivery finds.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// Work on it, once this revision is saved.
    Run(Box<Task>),
    /// Somebody called it off: end it so.
    CallOff,
    /// It is to be given up, for this reason.
    GiveUp(String),
    /// It is not time yet: come again after this long.
    Early(SignedDuration),
    /// Another delivery works on it.
    Leased,
    /// It has ended.
    Ended,
}

/// Why a task cannot be retried or called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Only what failed or was called off is tried again.
    #[error("the task is {}: only one that failed or was cancelled can be retried", .0.as_str())]
    NotEnded(TaskStatus),
    /// It has ended.
    #[error("the task is {} already", .0.as_str())]
    Ended(TaskStatus),
    /// Half of it would be worse than either.
    #[error("the task has begun, and what it does cannot be left half done")]
    Begun,
    /// Its kind is unknown to this version of the system.
    #[error("this version of the system does not know the kind of the task")]
    Unknown,
}

impl Task {
    /// What a delivery at that moment is to do.
    pub fn begin(&self, now: Timestamp) -> Begin {
        if self.finished_at.is_some() {
            return Begin::Ended;
        }
        if self.lease.is_some_and(|until| until > now) {
            return Begin::Leased;
        }
        if self.cancel_requested {
            return Begin::CallOff;
        }
        let Some(kind) = self.known_kind() else {
            return Begin::GiveUp(format!("no worker knows the kind {}", self.kind));
        };
        if self.begun_at.is_some_and(|begun| now > begun + kind.policy().deadline) {
            return Begin::GiveUp(format!("the task took longer than {:#}", kind.policy().deadline));
        }
        if let Some(due) = self.due.filter(|due| *due > now + EARLY) {
            return Begin::Early(due.duration_since(now));
        }
        self.attempt(kind, now)
    }

    fn attempt(&self, kind: TaskKind, now: Timestamp) -> Begin {
        let mut next = self.stepped(now);
        let waited = next.status == TaskStatus::Running && next.lease.is_none();
        if !waited {
            // Of an attempt that ended without a word, this is the word.
            next.close_attempt(Some(NO_ANSWER), now);
            if next.setbacks >= kind.policy().attempts {
                return Begin::GiveUp(next.error.unwrap_or_else(|| NO_ANSWER.to_owned()));
            }
            next.attempts += 1;
            next.begun_at = next.begun_at.or(Some(now));
            next.log.push(Attempt::begun(now));
            let forgotten = next.log.len().saturating_sub(LOGGED);
            next.log.drain(..forgotten);
        }
        next.status = TaskStatus::Running;
        next.lease = Some(now + LEASE);
        next.due = None;
        Begin::Run(Box::new(next))
    }

    /// The attempt goes on after a pause, from `state`. A new state is progress: the failures before it count no more.
    #[must_use]
    pub fn wait(
        &self,
        delay: SignedDuration,
        state: Option<Value>,
        progress: Option<Progress>,
        now: Timestamp,
    ) -> Self {
        let mut next = self.stepped(now);
        next.lease = None;
        next.due = Some(now + delay);
        if state.is_some() && state != next.state {
            next.setbacks = 0;
        }
        next.state = state.or(next.state);
        next.progress = progress.or(next.progress);
        next
    }

    /// The attempt failed; another one begins after a pause. Whether there may be one is [`Task::exhausted`].
    #[must_use]
    pub fn try_again(&self, error: &str, delay: SignedDuration, now: Timestamp) -> Self {
        let mut next = self.stepped(now);
        next.close_attempt(Some(error), now);
        next.status = TaskStatus::Queued;
        next.lease = None;
        next.due = Some(now + delay);
        next
    }

    /// Whether a failure of the present attempt is the last there may be.
    pub fn exhausted(&self) -> bool {
        self.known_kind()
            .is_none_or(|kind| self.setbacks + 1 >= kind.policy().attempts)
    }

    /// Done.
    #[must_use]
    pub fn succeed(&self, result: Option<Value>, now: Timestamp) -> Self {
        let mut next = self.ended(TaskStatus::Succeeded, None, now);
        next.result = result;
        next.error = None;
        next.progress = next.progress.map(|_| Progress::new(100, "done"));
        next
    }

    /// Given up, for this reason, which its asker reads.
    #[must_use]
    pub fn fail(&self, reason: &str, now: Timestamp) -> Self {
        let mut next = self.ended(TaskStatus::Failed, Some(reason), now);
        next.error = Some(reason.to_owned());
        next
    }

    /// Called off.
    #[must_use]
    pub fn cancelled(&self, now: Timestamp) -> Self {
        self.ended(TaskStatus::Cancelled, Some("cancelled"), now)
    }

    fn ended(&self, status: TaskStatus, error: Option<&str>, now: Timestamp) -> Self {
        let mut next = self.stepped(now);
        next.close_attempt(error, now);
        next.status = status;
        (next.lease, next.due, next.state) = (None, None, None);
        next.finished_at = Some(now);
        next.expires_at = Some((now + KEPT).as_second());
        next
    }

    /// Asks for the task to be called off; whoever works on it next ends it.
    pub fn call_off(&self, now: Timestamp) -> Result<Self, NotNow> {
        if self.finished_at.is_some() {
            return Err(NotNow::Ended(self.status));
        }
        let rule = self.known_kind().map(|kind| kind.policy().call_off);
        if rule == Some(super::CallOff::BeforeItBegins) && self.attempts > 0 {
            return Err(NotNow::Begun);
        }
        let mut next = self.stepped(now);
        next.cancel_requested = true;
        next.due = None;
        Ok(next)
    }

    /// Runs a task that failed or was called off once more, its attempts counted anew.
    pub fn run_again(&self, now: Timestamp) -> Result<Self, NotNow> {
        self.known_kind().ok_or(NotNow::Unknown)?;
        if !matches!(self.status, TaskStatus::Failed | TaskStatus::Cancelled) {
            return Err(NotNow::NotEnded(self.status));
        }
        let mut next = self.stepped(now);
        next.status = TaskStatus::Queued;
        next.cancel_requested = false;
        (next.attempts, next.setbacks, next.begun_at) = (0, 0, None);
        (next.error, next.finished_at, next.expires_at) = (None, None, None);
        next.run_at = now;
        Ok(next)
    }

    /// The attempt before the present one, where this revision is the first to know that it ended without a word.
    pub fn lost_attempt(&self) -> Option<&Attempt> {
        let before = self.log.iter().rev().nth(1)?;
        let lost = before.error.as_deref() == Some(NO_ANSWER) && before.ended_at == Some(self.touched_at);
        lost.then_some(before)
    }

    /// Whether its message must be taken for lost: it should have moved by now and has not.
    pub fn overdue(&self, now: Timestamp) -> bool {
        let expected = [Some(self.touched_at), self.lease, self.due]
            .into_iter()
            .flatten()
            .max();
        self.finished_at.is_none() && expected.is_none_or(|at| now > at + OVERDUE)
    }

    fn stepped(&self, now: Timestamp) -> Self {
        Self {
            revision: self.revision + 1,
            touched_at: now,
            ..self.clone()
        }
    }

    fn close_attempt(&mut self, error: Option<&str>, now: Timestamp) {
        let Some(open) = self.log.last_mut().filter(|attempt| attempt.ended_at.is_none()) else {
            return;
        };
        open.ended_at = Some(now);
        open.error = error.map(str::to_owned);
        if let Some(error) = error {
            self.error = Some(error.to_owned());
            self.setbacks += 1;
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
