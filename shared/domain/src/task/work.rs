//! What a worker's log says of an attempt.

use crate::OrgId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkDone {
    /// The task is done.
    Succeeded,
    /// AWS needs time; the attempt goes on later.
    Waits,
    /// It failed and is tried again.
    Retried,
    /// It failed for good.
    Failed,
    /// It was called off.
    Cancelled,
}

/// One attempt of a worker, or a stretch of one between two waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkEntry {
    /// The kind of the task, as in `organization.create`.
    pub kind: String,
    /// The organisation it is for; none for the system's own.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// The task.
    pub task: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How it ended.
    pub outcome: WorkDone,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many tasks it was of: uploads of one organisation that a batch worked on together are one entry, whose `task` is the first of
    /// them and whose time is the batch's.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(count: &u32) -> bool {
    *count == 1
}
