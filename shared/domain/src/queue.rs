//! Queues as those see them who run the deployment.

use serde::{Deserialize, Serialize};

/// The queues that staff look after: each one's name, and what the names of its environment variables begin with.
pub const QUEUES: &[(&str, &str)] = &[
    ("tasks", "TASK"),
    ("readings", "READINGS"),
    ("reports", "REPORTS"),
    ("mail-feedback", "MAIL_FEEDBACK"),
    ("deletion", "DELETION"),
];

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
