//! The outbox: a note of each task that is not done, so that a crash between commit and queue loses nothing.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{OrgId, ServiceError, TaskId};
use jiff::Timestamp;
use serde::Deserialize;

/// Most notes a sweep reads of one shard, those that are not due included: far more than are ever open at once.
const SWEEP_LIMIT: usize = 10_000;

#[derive(Deserialize)]
struct Pending {
    sk: TaskId,
    org: OrgId,
    /// When a sweep may send it again; none while no sweep has.
    due: Option<Timestamp>,
}

impl Directory {
    /// Tasks accepted before that moment, not done, and not sent again since; oldest first within each shard.
    pub async fn overdue_tasks(
        &self,
        accepted_before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<(OrgId, TaskId)>, ServiceError> {
        let before_ms = u64::try_from(accepted_before.as_millisecond()).unwrap_or(0);
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
                .query::<Pending>(&keys::outbox_shard(shard), Range::Between("!", &end), walk)
                .await?;
            let due = slice
                .items
                .into_iter()
                .filter(|pending| pending.due.is_none_or(|due| due <= now));
            found.extend(due.map(|pending| (pending.org, pending.sk)));
        }
        Ok(found)
    }

    /// Notes that a task was sent again, unless it is done by now; no sweep sends it before `due`.
    pub async fn postpone(&self, task: TaskId, due: Timestamp) -> Result<(), ServiceError> {
        let update = self.outbox.client.update_item().table_name(&self.outbox.name);
        let update = update
            .set_key(Some(keys::outbox(task).cells()))
            .update_expression("SET due = :due");
        let update = update.expression_attribute_values(":due", AttributeValue::S(due.to_string()));
        match update
            .condition_expression("attribute_exists(pk)")
            .send()
            .await
            .map_err(failed)
        {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
