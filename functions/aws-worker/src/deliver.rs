//! From the delivery of a task's message to its outcome.

use crate::jobs::{self, Effect, Step, Wait};
use crate::log::WorkLog;
use crate::{App, retry};
use aws_dynamodb::{Change, Refused};
use domain::task::{Begin, Task, TaskKind, TaskStatus, WorkDone};
use domain::{OrgId, ServiceError, TaskId};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use lambda::Outcome;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// What an asker reads of a failure whose cause is for the log.
const FAILED_FOR_GOOD: &str = "an AWS service failed, time and again";

/// One attempt under way: the task as it was saved when it began, and when that was.
struct Attempt<'a> {
    task: Task,
    kind: TaskKind,
    begun: Timestamp,
    log: &'a WorkLog,
}

impl App {
    /// Does what the task's row asks for.
    pub(crate) async fn task(
        &self,
        org: Option<OrgId>,
        id: TaskId,
        redriven: Option<Timestamp>,
        log: &WorkLog,
    ) -> Outcome {
        let found = match self.find(org, id, redriven).await {
            Ok(Some(task)) => task,
            Ok(None) => return Outcome::Reject("there is no such task".to_owned()),
            Err(error) => return Outcome::Retry(error.to_string()),
        };
        match found.begin(self.source.now()) {
            Begin::Run(task) => Box::pin(self.attempt(*task, log)).await,
            Begin::CallOff => self.call_off(&found, log).await,
            Begin::GiveUp(reason) => self.reject(&found, reason, log),
            // The message of a wait of more than SQS can delay, or one that came twice: it goes round again.
            Begin::Early(left) => self.send(&found, left).await,
            // Should whoever has the lease die, the sweeper wakes the task.
            Begin::Leased => Outcome::Done,
            // Sent back before the cause was mended: it is a letter again.
            Begin::Ended if sent_back(&found, redriven) => Outcome::Reject(found.error.unwrap_or_default()),
            Begin::Ended => self.clear(&found).await,
        }
    }

    /// The task; one that failed is run again when staff have sent its message back. Where that is not possible, it stays failed.
    async fn find(
        &self,
        org: Option<OrgId>,
        id: TaskId,
        redriven: Option<Timestamp>,
    ) -> Result<Option<Task>, ServiceError> {
        let Some(found) = self.directory.task(org, id).await? else {
            return Ok(None);
        };
        let again = found.run_again(self.source.now()).ok();
        let Some(queued) = again.filter(|_| sent_back(&found, redriven)) else {
            return Ok(Some(found));
        };
        let Some(change) = self
            .directory
            .with_organization_in_hand(Change::silent(), &queued)
            .await?
        else {
            return Ok(Some(found));
        };
        let change = self.directory.with_requeued(change, &queued)?;
        match self.directory.commit(None, change).await {
            Ok(()) => Ok(Some(queued)),
            // Somebody retried it at the same moment: what there is now counts.
            Err(Refused::Write(_)) => self.directory.task(org, id).await,
            Err(Refused::Service(error)) => Err(error),
        }
    }

    async fn attempt(&self, task: Task, log: &WorkLog) -> Outcome {
        let Some(kind) = task.known_kind() else {
            return Outcome::Reject(format!("no worker knows the kind {}", task.kind));
        };
        match self.directory.save_task(&task).await {
            Ok(()) => {}
            // Another delivery was first.
            Err(ServiceError::Conflict) => return Outcome::Done,
            Err(error) => return Outcome::Retry(error.to_string()),
        }
        if let Some(lost) = task.lost_attempt() {
            let span = (lost.begun_at, task.touched_at);
            log.note(&task, span, WorkDone::Retried, lost.error.as_deref());
        }
        let begun = self.source.now();
        let attempt = Attempt { task, kind, begun, log };
        match self.step(&attempt).await {
            Ok(Step::Done(effect)) => self.finish(&attempt, effect).await,
            Ok(Step::Wait(wait)) => self.wait(&attempt, wait).await,
            Ok(Step::Refuse(reason)) => self.refuse(&attempt, &reason).await,
            Ok(Step::Fail(reason)) => self.reject(&attempt.task, reason, log),
            Err(error) => self.failed(&attempt, &error).await,
        }
    }

    /// Runs the kind's job; a panic in it is a failure of this attempt.
    async fn step(&self, attempt: &Attempt<'_>) -> Result<Step, ServiceError> {
        // On the heap: ten messages' jobs side by side would fill the stack.
        let job = Box::pin(jobs::run(self, attempt.kind, &attempt.task));
        let job = AssertUnwindSafe(job).catch_unwind();
        job.await
            .unwrap_or_else(|panic| Err(ServiceError::Failed(format!("panic: {}", lambda::panic_text(&*panic)))))
    }

    /// Commits a job's effect and its task's end together.
    async fn finish(&self, attempt: &Attempt<'_>, effect: Effect) -> Outcome {
        let ended = attempt.task.succeed(effect.result.clone(), self.source.now());
        match self.end(effect, &ended).await {
            Ok(()) => {
                self.note(attempt, WorkDone::Succeeded, None);
                self.clear(&ended).await
            }
            Err(error) => self.failed(attempt, &error).await,
        }
    }

    /// Commits a task's last revision with what its end brings about.
    async fn end(&self, effect: Effect, ended: &Task) -> Result<(), ServiceError> {
        let Effect { change, table, .. } = effect;
        if change.is_empty() {
            return self.directory.save_task(ended).await;
        }
        let change = self.directory.with_revision(change, ended)?;
        Ok(self.directory.commit(table.as_ref(), change).await?)
    }

    /// Ends a task as failed whose asker has something to mend: they read why, and there is no letter, since staff have nothing to do.
    async fn refuse(&self, attempt: &Attempt<'_>, reason: &str) -> Outcome {
        let ended = attempt.task.fail(reason, self.source.now());
        match self.directory.save_task(&ended).await {
            Ok(()) => {
                self.note(attempt, WorkDone::Failed, Some(reason));
                self.clear(&ended).await
            }
            Err(error) => self.failed(attempt, &error).await,
        }
    }

    async fn wait(&self, attempt: &Attempt<'_>, wait: Wait) -> Outcome {
        self.note(attempt, WorkDone::Waits, None);
        let delay = SignedDuration::try_from(wait.delay).unwrap_or(SignedDuration::ZERO);
        let waiting = attempt.task.wait(delay, wait.state, wait.progress, self.source.now());
        self.send_later(&waiting, delay, attempt.log).await
    }

    async fn failed(&self, attempt: &Attempt<'_>, error: &ServiceError) -> Outcome {
        let Attempt { task, kind, .. } = attempt;
        tracing::warn!(task = %task.id, kind = task.kind, attempts = task.attempts, %error, "an attempt failed");
        if task.exhausted() || !kind.retries(error) {
            return self.last_failed(attempt, error).await;
        }
        self.note(attempt, WorkDone::Retried, Some(&error.to_string()));
        let delay = retry::delay(task.setbacks + 1, error, &self.source);
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::ZERO);
        let queued = task.try_again(retry::in_words(error), delay, self.source.now());
        self.send_later(&queued, delay, attempt.log).await
    }

    /// The last attempt there may be has failed. What it knows of the row may be out of date: the task may have been called off, or its end
    /// may have taken effect, and the answer was lost.
    async fn last_failed(&self, attempt: &Attempt<'_>, error: &ServiceError) -> Outcome {
        let Attempt { task, log, .. } = attempt;
        match self.directory.task(task.org, task.id).await {
            Ok(Some(found)) if found.revision == task.revision => {
                self.reject(task, lambda::reason(FAILED_FOR_GOOD, error), log)
            }
            Ok(_) => self.overtaken(task, log).await,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Saves a revision that is due later, and sends its message. Should the sending fail, this delivery's own message comes again.
    async fn send_later(&self, task: &Task, delay: SignedDuration, log: &WorkLog) -> Outcome {
        match self.directory.save_task(task).await {
            Ok(()) => self.send(task, delay).await,
            Err(ServiceError::Conflict) => self.overtaken(task, log).await,
            // The lease runs out, and the attempt counts as one without an answer.
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Somebody else has written the row since this attempt began: called the task off, or taken over a lease that ran out. Or this
    /// attempt itself has, and the answer was lost.
    async fn overtaken(&self, task: &Task, log: &WorkLog) -> Outcome {
        match self.directory.task(task.org, task.id).await {
            Ok(Some(found)) if found.cancel_requested && found.finished_at.is_none() => {
                self.call_off(&found, log).await
            }
            Ok(Some(found)) if found.finished_at.is_some() => self.clear(&found).await,
            Ok(Some(found)) if found == *task => {
                let left = found
                    .due
                    .map_or(SignedDuration::ZERO, |due| due.duration_since(self.source.now()));
                self.send(&found, left).await
            }
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    async fn call_off(&self, task: &Task, log: &WorkLog) -> Outcome {
        let ended = task.cancelled(self.source.now());
        let result = async { self.end(jobs::called_off(self, task).await?, &ended).await };
        match result.await {
            Ok(()) => {
                let now = self.source.now();
                log.note(task, (now, now), WorkDone::Cancelled, None);
                self.clear(&ended).await
            }
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Gives a message up: the runner lays it with the dead letters, then has [`App::fail`] write its row.
    fn reject(&self, task: &Task, reason: String, log: &WorkLog) -> Outcome {
        let now = self.source.now();
        let begun = task.log.last().map_or(now, |attempt| attempt.begun_at);
        log.note(task, (begun, now), WorkDone::Failed, Some(&reason));
        Outcome::Reject(reason)
    }

    /// Ends a task as failed, with what that brings about, notices included.
    pub(crate) async fn fail(&self, org: Option<OrgId>, id: TaskId, reason: &str) -> Result<(), ServiceError> {
        let Some(task) = self
            .directory
            .task(org, id)
            .await?
            .filter(|task| task.finished_at.is_none())
        else {
            return Ok(());
        };
        let now = self.source.now();
        let effect = jobs::given_up(self, &task).await?;
        let notice = jobs::tell_failure::notice(&task, self.source.id(), now);
        let change = match &notice {
            Some(notice) => self.directory.with_task(effect.change, notice)?,
            None => effect.change,
        };
        self.end(Effect { change, ..effect }, &task.fail(reason, now)).await?;
        self.directory.clear_note(id, task.run_at).await?;
        match notice {
            Some(notice) => self.queue.send(&notice.message(), Duration::ZERO).await,
            None => Ok(()),
        }
    }

    /// Takes the outbox's note of a task away that has ended. Should that fail, the sweeper does it.
    async fn clear(&self, task: &Task) -> Outcome {
        if let Err(error) = self.directory.clear_note(task.id, task.run_at).await {
            tracing::warn!(task = %task.id, %error, "the note of a task that has ended stays for the sweeper");
        }
        Outcome::Done
    }

    /// Sends a task's message, to be shown after a delay: at most 15 minutes of it, after which it comes round again.
    async fn send(&self, task: &Task, delay: SignedDuration) -> Outcome {
        let delay = Duration::try_from(delay).unwrap_or(Duration::ZERO);
        match self.queue.send(&task.message(), delay).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    fn note(&self, attempt: &Attempt<'_>, outcome: WorkDone, error: Option<&str>) {
        let span = (attempt.begun, self.source.now());
        attempt.log.note(&attempt.task, span, outcome, error);
    }
}

/// Whether staff have sent the message of a failed task back since it failed. SQS may deliver it more than once: a task that has failed
/// again since then is not run once more by it.
fn sent_back(task: &Task, sent_back_at: Option<Timestamp>) -> bool {
    let failed_at = task.finished_at.filter(|_| task.status == TaskStatus::Failed);
    failed_at.zip(sent_back_at).is_some_and(|(failed, sent)| failed < sent)
}
