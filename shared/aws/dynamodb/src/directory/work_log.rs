//! The workers' log: every attempt, by kind and day, kept for 30 days. The attempts of one batch at tasks of one kind are one item.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use domain::ServiceError;
use domain::task::WorkEntry;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// How long an entry is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

#[derive(Serialize, Deserialize)]
struct Recording {
    #[serde(default, skip_serializing)]
    sk: String,
    entries: Vec<WorkEntry>,
    expires_at: i64,
}

impl Directory {
    /// Records attempts that one batch made at tasks of one kind; `recording` is the item's own id. Recording it twice changes nothing.
    pub async fn put_work(&self, recording: Ulid, entries: &[WorkEntry]) -> Result<(), ServiceError> {
        let Some(first) = entries.first() else { return Ok(()) };
        let item = Recording {
            sk: String::new(),
            entries: entries.to_vec(),
            expires_at: (first.at + KEPT).as_second(),
        };
        self.table
            .put(&keys::work_log(&first.kind, &day(first.at), recording), &item)
            .await
    }

    /// The attempts of a day (`2026-01-02`, UTC) at tasks of a kind, in the order of their recording, a page of recordings after `after`.
    pub async fn work(
        &self,
        kind: &str,
        day: &str,
        after: Option<Ulid>,
        limit: usize,
    ) -> Result<(Vec<WorkEntry>, Option<Ulid>), ServiceError> {
        let after = after.map(|id| id.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::work_log_day(kind, day);
        let (found, next) = self
            .table
            .page(&pk, Range::All, walk, |recording: &Recording| recording.sk.clone())
            .await?;
        let entries = found.into_iter().flat_map(|recording| recording.entries).collect();
        Ok((entries, next.and_then(|sk| sk.parse().ok())))
    }
}

/// The day of a moment, UTC, as in `2026-01-02`.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
