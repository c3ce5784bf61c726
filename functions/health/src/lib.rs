//! The scheduled health check, every minute: it sends a heartbeat through the worker's queue records how the queues fare, and tells staff
//! when a paused one is drained.
//!
//! It answers no requests: `GET /v1/status` reads what is recorded here. To add a check, add a step to [`App::check`].

mod drain;

pub use drain::Drains;

use aws_dynamodb::{Directory, QueueReport, QueuesSeen};
use aws_sqs::Queue;
use domain::task::TaskMessage;
use domain::{ServiceError, Source};
use std::time::Duration;

/// A queue, its dead-letter queue, and what the status calls them.
pub struct Watched {
    /// The name in the status.
    pub name: &'static str,
    /// The queue.
    pub queue: Queue,
    /// Where its messages go that are given up.
    pub dead: Queue,
}

/// What the check works with.
pub struct App {
    /// Where it records what it saw.
    pub directory: Directory,
    /// The AWS worker's queue.
    pub tasks: Queue,
    /// The queues it looks at.
    pub watched: Vec<Watched>,
    /// What it does about paused queues.
    pub drains: Drains,
    /// The time.
    pub source: Source,
}

impl App {
    /// Runs every step, also when one before it failed; fails when any did, so that the alarm on errors sees it.
    pub async fn check(&self) -> Result<(), lambda::Error> {
        let steps = [
            ("heartbeat", self.beat().await),
            ("queues", self.look().await),
            ("pauses", self.drains.check().await),
        ];
        let mut failed = Vec::new();
        for (step, result) in steps {
            if let Err(error) = result {
                tracing::error!(step, %error, "a step of the health check failed");
                failed.push(step);
            }
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", failed.join(", ")).into())
        }
    }

    async fn beat(&self) -> Result<(), ServiceError> {
        self.tasks
            .send(
                &TaskMessage::Heartbeat {
                    sent_at: self.source.now(),
                },
                Duration::ZERO,
            )
            .await
    }

    async fn look(&self) -> Result<(), ServiceError> {
        let reports = futures::future::try_join_all(self.watched.iter().map(report)).await?;
        self.directory
            .put_queues_seen(&QueuesSeen {
                at: self.source.now(),
                queues: reports,
            })
            .await
    }
}

async fn report(watched: &Watched) -> Result<QueueReport, ServiceError> {
    let (depths, dead) = (watched.queue.depths().await?, watched.dead.depths().await?);
    let (waiting, in_flight) = (depths.waiting + depths.delayed, depths.in_flight);
    Ok(QueueReport {
        name: watched.name.to_owned(),
        waiting,
        in_flight,
        dead: dead.waiting,
    })
}
