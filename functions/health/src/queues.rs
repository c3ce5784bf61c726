//! Each minute: how many messages wait, run and were given up, for the status page.

use crate::App;
use aws_dynamodb::{QueueReport, QueuesSeen};
use aws_sqs::Queue;
use domain::ServiceError;

/// A queue, its dead-letter queue, and what the status calls them.
pub struct Watched {
    /// The name in the status.
    pub name: &'static str,
    /// The queue.
    pub queue: Queue,
    /// Where its messages go that are given up.
    pub dead: Queue,
}

impl App {
    pub(crate) async fn watch_queues(&self) -> Result<(), ServiceError> {
        let reports = self.watched.iter().map(report);
        let seen = QueuesSeen {
            at: self.source.now(),
            queues: futures::future::try_join_all(reports).await?,
        };
        self.directory.put_queues_seen(&seen).await
    }
}

async fn report(watched: &Watched) -> Result<QueueReport, ServiceError> {
    let (depths, dead) = (watched.queue.depths().await?, watched.dead.depths().await?);
    Ok(QueueReport {
        name: watched.name.to_owned(),
        waiting: depths.waiting + depths.delayed,
        in_flight: depths.in_flight,
        dead: dead.waiting,
    })
}
