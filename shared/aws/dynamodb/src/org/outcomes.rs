//! Outcomes of uploads: uploads have no row of their own, so what became of them is recorded many to an item.

use super::OrgTable;
use crate::keys;
use crate::table::{Range, Walk};
use domain::ServiceError;
use domain::stream::Refusal;
use domain::task::{SignedTaskId, TaskStatus, UPLOAD_OUTCOME_KEPT};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of one upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadOutcome {
    /// The upload.
    pub task: SignedTaskId,
    /// Succeeded or failed.
    pub status: TaskStatus,
    /// How often the message was delivered until then.
    pub attempts: u32,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Readings and events in it.
    pub count: u64,
    /// How many of them were new.
    pub added: u64,
    /// How many of them their streams did not take.
    #[serde(default, skip_serializing_if = "is_none")]
    pub refused: u64,
    /// Which those were, and why: the first of them, where there are many different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Why it failed.
    pub error: Option<String>,
    /// Where its raw report is kept: an object of the storage bucket, first and last byte.
    pub archive: Option<String>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize, Deserialize)]
pub(super) struct Batch {
    outcomes: Vec<UploadOutcome>,
    expires_at: i64,
}

impl Batch {
    pub fn of(outcomes: &[UploadOutcome]) -> Self {
        let latest = outcomes
            .iter()
            .map(|outcome| outcome.finished_at.as_second())
            .max()
            .unwrap_or_default();
        Self {
            outcomes: outcomes.to_vec(),
            expires_at: latest + UPLOAD_OUTCOME_KEPT.as_secs().cast_signed(),
        }
    }
}

impl OrgTable {
    /// Records outcomes, one item for all that were accepted around the same moment. Each recording is an item of its own, so that a
    /// redelivered message, recorded again among others, never takes the place of a neighbour's outcome.
    pub async fn put_outcomes(&self, outcomes: &[UploadOutcome]) -> Result<(), ServiceError> {
        let mut buckets: BTreeMap<String, Vec<UploadOutcome>> = BTreeMap::new();
        for outcome in outcomes {
            buckets
                .entry(keys::outcomes(outcome.task.accepted_ms()))
                .or_default()
                .push(outcome.clone());
        }
        for bucket in buckets.values() {
            let Some(accepted_ms) = bucket.first().map(|outcome| outcome.task.accepted_ms()) else {
                continue;
            };
            let key = keys::outcome_batch(accepted_ms, self.source.ulid());
            self.table.put(&key, &Batch::of(bucket)).await?;
        }
        Ok(())
    }

    /// What became of an upload; `None` while it is queued. Where it was recorded twice, the better end counts.
    pub async fn outcome(&self, task: &SignedTaskId) -> Result<Option<UploadOutcome>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        let batches = self
            .table
            .query::<Batch>(&keys::outcomes(task.accepted_ms()), Range::All, walk)
            .await?
            .items;
        let found = batches
            .into_iter()
            .flat_map(|batch| batch.outcomes)
            .filter(|outcome| outcome.task == *task);
        Ok(found.max_by_key(|outcome| outcome.status == TaskStatus::Succeeded))
    }
}
