//! The AWS worker: does tasks with a row. Messages only point at the task; what is to be done, and whether, stands in its row.
//!
//! `deliver.rs` takes a message from its delivery to an outcome: it begins an attempt under a lease, runs the kind's job, and saves what came
//! of it. Every save is made over the revision that was read ([`domain::task::Task`]), and a job's effect in DynamoDB commits in the same
//! transaction as the task's end. So a delivery that comes twice, late or out of order finds that there is nothing to do, and a worker that
//! dies leaves a lease that runs out; the sweeper then wakes the task again.
//!
//! **Retries and waits** are new messages with a delay: the worker never sleeps. **Given up** is what failed too often, took too long or can
//! never succeed: the message goes to the dead-letter queue with the reason, the row says `failed`, and whoever asked is told.
//!
//! To add a kind: a line in [`domain::task::TaskKind`], a file in `jobs/` with its idempotency and its retry rule in its docs, an arm in `jobs::run`.

mod deliver;
mod jobs;
mod log;
mod mail;
mod retry;

use aws_cloudformation::Stacks;
use aws_cognito::UserPool;
use aws_costexplorer::CostExplorer;
use aws_dynamodb::{Directory, Heartbeat, OrgTables};
use aws_kms::JournalKeys;
use aws_s3::Bucket;
use aws_secrets::Sealing;
use aws_ses::Mailer;
use aws_sns::{Topic, Topics};
use aws_sqs::Queue;
use dns::Resolver;
use domain::Source;
use domain::task::{TaskMessage, WorkEntry};
use jiff::Timestamp;
use lambda::{Delivery, Outcome, Worker, each};
use webhooks::Poster;

/// What the worker is called in the status.
const NAME: &str = "aws-worker";

/// Where the system is deployed.
#[derive(Clone)]
pub struct Deployment {
    /// The stage, as in `dev`.
    pub stage: String,
    /// What the names of organisations' tables and stacks begin with.
    pub table_prefix: String,
    /// The role by which CloudFormation creates them; the function's own without.
    pub stack_role: Option<String>,
    /// The key that organisations' tables are encrypted with; empty for DynamoDB's own.
    pub kms_key: String,
    /// What costs are allotted to.
    pub cost_centre: String,
    /// What links in notices begin with, without a slash at the end; empty where people know the address.
    pub public_url: String,
}

impl Deployment {
    /// Where a path of the API is to be found.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

/// What the jobs work with.
#[derive(Clone)]
pub struct App {
    /// Organisations and all tasks.
    pub directory: Directory,
    /// The organisations' own tables.
    pub tables: OrgTables,
    /// The organisations' stacks.
    pub stacks: Stacks,
    /// People's accounts, which end here.
    pub pool: UserPool,
    /// Where uploads, archives and exports lie.
    pub storage: Bucket,
    /// Sign the heads that close exports of journals.
    pub journal_keys: JournalKeys,
    /// The worker's own queue, for waits and retries.
    pub queue: Queue,
    /// Mails notices; none where the deployment has no sender.
    pub mailer: Option<Mailer>,
    /// Where staff are told.
    pub operations: Topic,
    /// Asks for the records that prove whose domains are.
    pub resolver: Resolver,
    /// Posts what filters have to tell.
    pub poster: Poster,
    /// Opens the secrets of filters.
    pub sealing: Sealing,
    /// Where filters publish.
    pub filter_topics: Topics,
    /// Tells what AWS has billed; none where the deployment asks nobody.
    pub cost_explorer: Option<CostExplorer>,
    /// Where derived readings go.
    pub readings: Queue,
    /// Where the system is deployed.
    pub deployment: Deployment,
    /// Time and randomness.
    pub source: Source,
}

impl Worker for App {
    async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
        let log = log::WorkLog::default();
        let outcomes = each(batch, |delivery| Box::pin(self.deliver(delivery, &log))).await;
        Box::pin(self.record(log)).await;
        outcomes
    }

    async fn give_up(&self, delivery: &Delivery, reason: &str) -> Result<(), lambda::Error> {
        let Ok(TaskMessage::Task { org, task }) = serde_json::from_str(&delivery.body) else {
            return Ok(());
        };
        Ok(Box::pin(self.fail(org, task, lambda::words_of(reason))).await?)
    }
}

impl App {
    async fn deliver(&self, delivery: &Delivery, log: &log::WorkLog) -> Outcome {
        match serde_json::from_str(&delivery.body) {
            Ok(TaskMessage::Task { org, task }) => self.task(org, task, delivery.redriven, log).await,
            Ok(TaskMessage::Heartbeat { sent_at }) => self.heartbeat(sent_at).await,
            // Not in serde's words: they quote what came.
            Err(error) => Outcome::Reject(format!(
                "not a message of this queue: {:?} error at column {}",
                error.classify(),
                error.column()
            )),
        }
    }

    async fn heartbeat(&self, sent_at: Timestamp) -> Outcome {
        let (worker, at) = (NAME.to_owned(), self.source.now());
        let beat = Heartbeat { worker, sent_at, at };
        match self.directory.put_heartbeat(&beat).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Records the attempts of a batch, one item a kind. The rows hold them as well: a log that cannot be written stops no work.
    async fn record(&self, log: log::WorkLog) {
        for entries in log.by_kind() {
            let entries: &[WorkEntry] = &entries;
            if let Err(error) = self.directory.put_work(self.source.ulid(), entries).await {
                tracing::warn!(%error, "attempts are not in the worker's log");
            }
        }
    }
}
