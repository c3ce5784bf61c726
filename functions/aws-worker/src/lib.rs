//! The AWS worker: does tasks with a row, which need AWS beyond a table. Messages only point at the task.
//!
//! **Attempts** are counted in the task's row: each delivery that begins work counts, a planned wait does not, unless its message comes a
//! second time, since then its work ended without an answer. After [`MAX_ATTEMPTS`] failures, or an hour after it was asked for, the task
//! is given up: the message goes to the dead-letter queue with the reason, and the row says `failed`, in words that tell nothing of the inside.
//! **Retries** are new messages with a delay that doubles; **waits** for AWS are new messages with a short delay: the worker never sleeps.
//! If the process dies between sending and answering, the message comes twice: every job bears that, see each job's docs.
//!
//! To add a kind: a variant of [`TaskKind`](domain::task::TaskKind), a file in `jobs/` with its idempotency and its retry rule in its docs, an arm in [`App::job`].

mod jobs;
mod retry;

use aws_cloudformation::Stacks;
use aws_dynamodb::{Directory, Heartbeat, OrgTables};
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::task::{MAX_ATTEMPTS, Task, TaskKind, TaskMessage};
use domain::{OrgId, ServiceError, Source, TaskId};
use jiff::{SignedDuration, Timestamp};
use jobs::Step;
use lambda::{Delivery, Outcome, Worker, settle};
use std::time::Duration;

/// A task that takes longer than this has gone wrong in a way that no attempt sees.
const DEADLINE: SignedDuration = SignedDuration::from_hours(1);

/// Where the system is deployed.
#[derive(Clone)]
pub struct Deployment {
    /// The stage, as in `dev`.
    pub stage: String,
    /// What the names of organisations' tables and stacks begin with.
    pub table_prefix: String,
    /// The role by which CloudFormation creates them; the function's own without.
    pub stack_role: Option<String>,
}

/// What the jobs work with.
#[derive(Clone)]
pub struct App {
    /// Organisations and their tasks.
    pub directory: Directory,
    /// The organisations' own tables.
    pub tables: OrgTables,
    /// The organisations' stacks.
    pub stacks: Stacks,
    /// Where uploads and archives lie.
    pub storage: Bucket,
    /// The worker's own queue, for waits and retries.
    pub queue: Queue,
    /// Where the system is deployed.
    pub deployment: Deployment,
    /// Time and randomness.
    pub source: Source,
}

impl Worker for App {
    async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
        futures::future::join_all(batch.iter().map(|delivery| settle(self.deliver(delivery)))).await
    }

    async fn give_up(&self, delivery: &Delivery, reason: &str) -> Result<(), lambda::Error> {
        let Ok(TaskMessage::Task { org, task, .. }) = serde_json::from_str(&delivery.body) else {
            return Ok(());
        };
        let Some(found) = self.directory.task(org, task).await? else {
            return Ok(());
        };
        if found.finished_at.is_none() {
            jobs::give_up(self, found, lambda::words_of(reason)).await?;
        }
        Ok(())
    }
}

impl App {
    async fn deliver(&self, delivery: &Delivery) -> Outcome {
        match serde_json::from_str(&delivery.body) {
            Ok(TaskMessage::Task { org, task, resumes }) => {
                self.task(org, task, resumes && delivery.receives == 1).await
            }
            Ok(TaskMessage::Heartbeat { sent_at }) => self.heartbeat(sent_at).await,
            Err(error) => Outcome::Reject(format!("not a message of this queue: {error}")),
        }
    }

    async fn heartbeat(&self, sent_at: Timestamp) -> Outcome {
        match self
            .directory
            .put_heartbeat(&Heartbeat {
                sent_at,
                at: self.source.now(),
            })
            .await
        {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Works on a task: begins an attempt, or carries one on that had to wait.
    async fn task(&self, org: OrgId, id: TaskId, resumes: bool) -> Outcome {
        let begun = match resumes {
            true => self.directory.task(org, id).await,
            false => self.begin(org, id).await,
        };
        match begun {
            Err(error) => Outcome::Retry(error.to_string()),
            Ok(None) => Outcome::Reject("there is no such task".to_owned()),
            Ok(Some(task)) if task.finished_at.is_some() => Outcome::Done,
            Ok(Some(task)) => self.attempt(task, resumes).await,
        }
    }

    async fn begin(&self, org: OrgId, id: TaskId) -> Result<Option<Task>, ServiceError> {
        match self.directory.begin_attempt(org, id).await {
            // It has ended, or there is none.
            Err(ServiceError::Conflict) => self.directory.task(org, id).await,
            other => other.map(Some),
        }
    }

    async fn attempt(&self, task: Task, resumes: bool) -> Outcome {
        let (org, id, attempts) = (task.org, task.id, task.attempts);
        if attempts > MAX_ATTEMPTS {
            let no_answer = || "the worker ended without an answer, time and again".to_owned();
            return Outcome::Reject(task.error.unwrap_or_else(no_answer));
        }
        if self.source.now() > task.created_at + DEADLINE {
            return Outcome::Reject("the task took longer than an hour".to_owned());
        }
        match self.job(task, resumes).await {
            Ok(Step::Done) => Outcome::Done,
            Ok(Step::Wait(delay)) => {
                self.send(
                    &TaskMessage::Task {
                        org,
                        task: id,
                        resumes: true,
                    },
                    delay,
                )
                .await
            }
            Ok(Step::Fail(reason)) => Outcome::Reject(reason),
            Err(error) if attempts >= MAX_ATTEMPTS => {
                Outcome::Reject(lambda::reason("an AWS service failed, time and again", error))
            }
            Err(error) => self.retry(org, id, attempts, &error).await,
        }
    }

    async fn retry(&self, org: OrgId, task: TaskId, attempts: u32, error: &ServiceError) -> Outcome {
        tracing::warn!(%task, attempts, %error, "an attempt failed");
        if let Err(error) = self.directory.attempt_failed(org, task, retry::in_words(error)).await {
            tracing::warn!(%task, %error, "the failure is not in the row");
        }
        let delay = retry::delay(attempts, &self.source);
        self.send(
            &TaskMessage::Task {
                org,
                task,
                resumes: false,
            },
            delay,
        )
        .await
    }

    async fn send(&self, message: &TaskMessage, delay: Duration) -> Outcome {
        match self.queue.send(message, delay).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    async fn job(&self, task: Task, resumes: bool) -> Result<Step, ServiceError> {
        match task.kind {
            TaskKind::CreateOrganization => jobs::create_organization::run(self, task).await,
            TaskKind::DeleteOrganization => jobs::delete_organization::run(self, task, resumes).await,
        }
    }
}
