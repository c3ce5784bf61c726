//! How the system fares, as the scheduled checks last saw it: one partition, which the status page reads with one query.

use super::Directory;
use crate::cell;
use crate::keys;
use crate::table::{Range, Walk, from_item, to_item};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ServiceError;
use domain::health::Alert;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Far more rows than there are workers and checks.
const MOST: usize = 200;

/// A worker's sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The worker: the name of its function, as in `aws-worker`.
    pub worker: String,
    /// When the schedule fired.
    pub sent_at: Timestamp,
    /// When the worker wrote this.
    pub at: Timestamp,
}

/// One queue, as the health check last saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// Its name, as in `tasks`.
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

/// When a check last ran to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// The check, as in `heartbeat`.
    pub check: String,
    /// When.
    pub at: Timestamp,
}

/// All that is known of how the system fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signs {
    /// Each worker's last sign of life.
    pub heartbeats: Vec<Heartbeat>,
    /// The queues, once a check has looked at them.
    pub queues: Option<QueuesSeen>,
    /// Each check's last run.
    pub checks: Vec<CheckRun>,
}

impl Directory {
    /// Records a heartbeat.
    pub async fn put_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), ServiceError> {
        self.table.put(&keys::heartbeat(&heartbeat.worker), heartbeat).await
    }

    /// A worker's last heartbeat.
    pub async fn heartbeat(&self, worker: &str) -> Result<Option<Heartbeat>, ServiceError> {
        self.table.get(&keys::heartbeat(worker)).await
    }

    /// Records what the health check saw.
    pub async fn put_queues_seen(&self, seen: &QueuesSeen) -> Result<(), ServiceError> {
        self.table.put(&keys::queues_seen(), seen).await
    }

    /// Records that a check ran to its end.
    pub async fn put_check_run(&self, run: &CheckRun) -> Result<(), ServiceError> {
        self.table.put(&keys::check_run(&run.check), run).await
    }

    /// How everything fares: one query.
    pub async fn signs(&self) -> Result<Signs, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: MOST,
        };
        let found = self.table.query_items(keys::STATUS, Range::All, walk).await?;
        let mut signs = Signs::default();
        for item in found.items {
            let sk = cell::text(&item, "sk").unwrap_or_default().to_owned();
            match sk {
                sk if sk.starts_with(keys::HEARTBEAT_PREFIX) => signs.heartbeats.push(from_item(item)?),
                sk if sk.starts_with(keys::CHECK_PREFIX) => signs.checks.push(from_item(item)?),
                sk if sk == keys::QUEUES => signs.queues = Some(from_item(item)?),
                _ => {}
            }
        }
        Ok(signs)
    }

    /// Whether a worker is silent; none before anybody has listened.
    pub async fn alert(&self, worker: &str) -> Result<Option<Alert>, ServiceError> {
        self.table.get(&keys::alert(worker)).await
    }

    /// Writes an alert's next revision; whether nobody else was first.
    pub async fn save_alert(&self, alert: &Alert) -> Result<bool, ServiceError> {
        let key = keys::alert(&alert.worker);
        if alert.revision == 1 {
            return self.table.put_new(&key, alert).await;
        }
        let before = AttributeValue::N((alert.revision - 1).to_string());
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put
            .set_item(Some(to_item(&key, alert)?))
            .condition_expression("revision = :before")
            .expression_attribute_values(":before", before);
        match put.send().await.map_err(failed) {
            Ok(_) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
