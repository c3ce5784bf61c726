//! The scheduled checks. Each has a rule of its own, whose name tells which it is; what takes longer than a moment, or goes through all
//! organisations, becomes a task of the AWS worker, one for each time of the schedule.
//!
//! It answers no requests: `GET /v1/status` reads what is recorded here. To add a check: a variant of [`Check`], its name and period, its arm in [`App::run`], its
//! rule in `template.yaml`, a sample under `events/health/`.
//!
//! There is no clean-up among them: tasks that have ended and the workers' log carry a time to live of 30 days, by which DynamoDB deletes
//! them, free of charge; reads leave out what has expired and is not deleted yet. The same goes for the rows of deleted organisations.

mod check;
mod drain;
mod heartbeat;
mod queues;

pub use check::of_rule;
pub use drain::Drains;
pub use heartbeat::Beating;
pub use queues::Watched;

use aws_dynamodb::{CheckRun, Directory};
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_sns::Topic;
use aws_sqs::Queue;
use domain::health::Check;
use domain::task::{Task, TaskKind};
use domain::{ServiceError, Source};
use jiff::Timestamp;
use serde_json::json;

/// What the checks work with.
pub struct App {
    /// Where they record what they saw.
    pub directory: Directory,
    /// The AWS worker's queue.
    pub tasks: Queue,
    /// The queues that are looked at.
    pub watched: Vec<Watched>,
    /// The workers that are listened to.
    pub beating: Vec<Beating>,
    /// What is done about paused queues.
    pub drains: Drains,
    /// Where staff are told.
    pub operations: Topic,
    /// Whether it is read what AWS has billed.
    pub reads_costs: bool,
    /// The name of this deployment.
    pub stage: String,
    /// The time.
    pub source: Source,
}

impl App {
    /// Runs the check that the event's rule names, and records that it did. It bears repetition: Lambda runs a failed one again.
    pub async fn handle(&self, event: &EventBridgeEvent) -> Result<(), lambda::Error> {
        let rules = event.resources.iter().flatten();
        let check = rules.filter_map(|arn| of_rule(arn, &self.stage)).next();
        let check = check.ok_or_else(|| format!("no check for the rules {:?}", event.resources))?;
        let at = event.time.ok_or("an event without a time")?;
        let at = Timestamp::from_second(at.timestamp())?;
        // On the heap: the checks side by side are more than the compiler lays out.
        Box::pin(self.run(check, at)).await?;
        let run = CheckRun {
            check: check.name().to_owned(),
            at: self.source.now(),
        };
        self.directory.put_check_run(&run).await?;
        tracing::info!(check = check.name(), "checked");
        Ok(())
    }

    async fn run(&self, check: Check, at: Timestamp) -> Result<(), ServiceError> {
        match check {
            // Both, also when the first fails.
            Check::WatchQueues => self.watch_queues().await.and(self.drains.check().await),
            Check::Heartbeat => self.heartbeat(at).await,
            Check::CheckDevices => self.accept(TaskKind::CheckDevices, at).await,
            Check::CheckReadings => self.accept(TaskKind::CheckReadings, at).await,
            Check::GatherStatistics => self.accept(TaskKind::GatherStatistics, at).await,
            Check::GatherCosts if self.reads_costs => self.accept(TaskKind::GatherCosts, at).await,
            Check::GatherCosts => Ok(()),
            Check::UpgradeOrganizations => self.accept(TaskKind::UpgradeOrganizations, at).await,
            Check::CloseOrganizations => self.accept(TaskKind::CloseOrganizations, at).await,
            Check::CheckDomains => self.accept(TaskKind::CheckDomains, at).await,
            Check::CompactReadings => self.accept(TaskKind::CompactOrganizations, at).await,
        }
    }

    /// Hands work over to the AWS worker: one task for each time of the schedule, also when its event comes twice.
    async fn accept(&self, kind: TaskKind, at: Timestamp) -> Result<(), ServiceError> {
        let task = Task::scheduled(kind, at, self.source.now()).with_input(json!({ "at": at }));
        // One that was accepted before is woken all the same: its acceptance may have been cut off before its message.
        self.directory.accept_task(&task).await?;
        self.tasks.wake(&task).await;
        Ok(())
    }
}
