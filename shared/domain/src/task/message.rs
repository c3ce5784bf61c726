//! What travels on the queue of tasks; heartbeats also on that of readings, among the uploads.

use crate::{OrgId, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The message that wakes a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TaskMessage {
    /// Look at a task: its row says what is to be done.
    Task {
        /// The organisation it is for; none for the system's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgId>,
        /// Which.
        task: TaskId,
    },
    /// Write that the worker is alive: it proves the road from the schedule over the queue to the table.
    Heartbeat {
        /// When the schedule fired.
        sent_at: Timestamp,
    },
}
