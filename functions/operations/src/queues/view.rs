//! A queue as staff see it.

use super::ManagedQueue;
use aws_dynamodb::Pause;
use aws_lambda::Polling;
use domain::queue::QueueState;
use domain::{ServiceError, UserId};
use futures::future::try_join3;
use jiff::Timestamp;
use serde::Serialize;

/// A queue. SQS counts about right, and up to a minute late.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AdminQueueView {
    name: &'static str,
    state: QueueState,
    /// Whether its messages go to the worker. Beside `state`, which is what staff asked for, this is what is so.
    polling: PollingView,
    /// How many of its worker's instances it keeps busy at most; `null` where only the account's limit counts.
    concurrency: Option<u32>,
    /// Messages that wait.
    waiting: u64,
    /// Messages that a worker has, or had and failed on a moment ago.
    in_flight: u64,
    /// Messages that wait for their time.
    delayed: u64,
    /// Messages that were given up.
    dead_letters: u64,
    /// Who paused it and how far that has come; `null` while it runs.
    pause: Option<PauseView>,
}

/// Whether messages go to the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PollingView {
    /// They do.
    On,
    /// They are about to stop.
    Stopping,
    /// They do not.
    Off,
}

/// A pause.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PauseView {
    since: Timestamp,
    by: UserId,
    /// When nothing was seen to run any more.
    drained_at: Option<Timestamp>,
}

impl ManagedQueue {
    /// How the queue fares now.
    pub(super) async fn view(&self, pause: Option<Pause>) -> Result<AdminQueueView, ServiceError> {
        let (here, dead, mapping) = try_join3(self.queue.depths(), self.dead.depths(), self.mapping.state()).await?;
        Ok(AdminQueueView {
            name: self.name,
            state: Pause::state(pause.as_ref()),
            polling: mapping.polling.into(),
            concurrency: mapping.concurrency,
            waiting: here.waiting,
            in_flight: here.in_flight,
            delayed: here.delayed,
            dead_letters: dead.waiting + dead.in_flight + dead.delayed,
            pause: pause.map(PauseView::from),
        })
    }
}

impl From<Polling> for PollingView {
    fn from(polling: Polling) -> Self {
        match polling {
            Polling::On => Self::On,
            Polling::Stopping => Self::Stopping,
            Polling::Off => Self::Off,
        }
    }
}

impl From<Pause> for PauseView {
    fn from(pause: Pause) -> Self {
        Self {
            since: pause.since,
            by: pause.by,
            drained_at: pause.drained_at,
        }
    }
}
