//! How the system fares, as the scheduled checks last saw it.

use super::Directory;
use crate::keys;
use domain::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The worker's sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// When the schedule fired.
    pub sent_at: Timestamp,
    /// When the worker wrote this.
    pub at: Timestamp,
}

/// One queue, as the health check last saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// Its name in the status: `tasks`, `readings` or `reports`.
    pub name: String,
    /// Messages that wait, about.
    pub waiting: u64,
    /// Messages that a worker has, about.
    pub in_flight: u64,
    /// Messages in its dead-letter queue, about.
    pub dead: u64,
}

/// All queues at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuesSeen {
    /// When.
    pub at: Timestamp,
    /// Each queue.
    pub queues: Vec<QueueReport>,
}

impl Directory {
    /// Records a heartbeat.
    pub async fn put_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), ServiceError> {
        self.table.put(&keys::heartbeat(), heartbeat).await
    }

    /// Records what the health check saw.
    pub async fn put_queues_seen(&self, seen: &QueuesSeen) -> Result<(), ServiceError> {
        self.table.put(&keys::queues_seen(), seen).await
    }

    /// The latest heartbeat.
    pub async fn heartbeat(&self) -> Result<Option<Heartbeat>, ServiceError> {
        self.table.get(&keys::heartbeat()).await
    }

    /// What the health check saw last.
    pub async fn queues_seen(&self) -> Result<Option<QueuesSeen>, ServiceError> {
        self.table.get(&keys::queues_seen()).await
    }
}
