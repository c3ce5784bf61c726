//! The outbox: a note of each task that is not done, so that a crash between commit and queue loses nothing.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use domain::{OrgId, ServiceError, TaskId};
use serde::Deserialize;

/// Most tasks a sweep takes from one shard; the next sweep takes the rest.
const SWEEP_LIMIT: usize = 100;

#[derive(Deserialize)]
struct Pending {
    sk: TaskId,
    org: OrgId,
}

impl Directory {
    /// Tasks accepted before that moment (milliseconds since the epoch) and not done, oldest first within each shard.
    pub async fn pending_tasks(&self, before_ms: u64) -> Result<Vec<(OrgId, TaskId)>, ServiceError> {
        let end = TaskId::from(ulid::Ulid::from_parts(before_ms, 0)).to_string();
        let mut found = Vec::new();
        for shard in 0..keys::OUTBOX_SHARDS {
            let walk = Walk {
                ascending: true,
                after: None,
                limit: SWEEP_LIMIT,
            };
            let slice = self
                .outbox
                .query::<Pending>(&keys::outbox_shard(shard), Range::Between("", &end), walk)
                .await?;
            found.extend(slice.items.into_iter().map(|pending| (pending.org, pending.sk)));
        }
        Ok(found)
    }
}
