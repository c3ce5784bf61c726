//! Queues as those see them who run the deployment.

use serde::{Deserialize, Serialize};

/// Whether a queue's messages are worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// They are.
    Running,
    /// No more begins; what had begun may still run.
    Draining,
    /// Nothing runs any more; what comes in waits.
    Drained,
}
