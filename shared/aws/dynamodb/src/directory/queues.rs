//! Queues that staff have paused. A queue without a row here runs.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::queue::QueueState;
use domain::{ServiceError, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Far more queues than there are.
const MOST: usize = 100;

/// A queue that staff have paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The queue's name.
    pub queue: String,
    /// When it was asked for; also tells it from a later one of the same queue.
    pub since: Timestamp,
    /// Who asked.
    pub by: UserId,
    /// When nothing was seen to run any more.
    pub drained_at: Option<Timestamp>,
    /// When staff had been told of that.
    pub announced_at: Option<Timestamp>,
}

impl Pause {
    /// A pause that begins now.
    pub fn begun(queue: &str, by: UserId, now: Timestamp) -> Self {
        Self {
            queue: queue.to_owned(),
            since: now,
            by,
            drained_at: None,
            announced_at: None,
        }
    }

    /// The state of a queue with this pause, or with none.
    pub fn state(pause: Option<&Self>) -> QueueState {
        match pause.map(|pause| pause.drained_at) {
            None => QueueState::Running,
            Some(None) => QueueState::Draining,
            Some(Some(_)) => QueueState::Drained,
        }
    }
}

impl Directory {
    /// Every pause.
    pub async fn pauses(&self) -> Result<Vec<Pause>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: MOST,
        };
        Ok(self.table.query(keys::PAUSES, Range::All, walk).await?.items)
    }

    /// The pause of a queue; none while it runs.
    pub async fn pause(&self, queue: &str) -> Result<Option<Pause>, ServiceError> {
        self.table.get(&keys::pause(queue)).await
    }

    /// Begins a pause; whether there was none.
    pub async fn begin_pause(&self, pause: &Pause) -> Result<bool, ServiceError> {
        self.table.put_new(&keys::pause(&pause.queue), pause).await
    }

    /// Ends this pause, unless it has ended; a later one of the same queue stays.
    pub async fn end_pause(&self, pause: &Pause) -> Result<(), ServiceError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete.set_key(Some(keys::pause(&pause.queue).cells()));
        let delete = delete.condition_expression("since = :since");
        let delete = delete.expression_attribute_values(":since", text(pause.since));
        held(delete.send().await.map_err(failed)).map(|_| ())
    }

    /// Writes that nothing runs any more, and takes it on to tell staff, until `until`; whether the caller is the one to tell them. If it has not
    /// come to [`Directory::pause_announced`] by then, the next one takes it on: told twice rather than never.
    pub async fn claim_announcement(
        &self,
        pause: &Pause,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, ServiceError> {
        let seconds = |at: Timestamp| AttributeValue::N(at.as_second().to_string());
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::pause(&pause.queue).cells()))
            .update_expression("SET drained_at = if_not_exists(drained_at, :at), claimed_until = :until")
            .condition_expression(
                "since = :since AND attribute_not_exists(announced_at) \
                 AND (attribute_not_exists(claimed_until) OR claimed_until <= :now)",
            )
            .expression_attribute_values(":since", text(pause.since))
            .expression_attribute_values(":at", text(now))
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":until", seconds(until));
        held(update.send().await.map_err(failed))
    }

    /// Writes that staff have been told.
    pub async fn pause_announced(&self, pause: &Pause, now: Timestamp) -> Result<(), ServiceError> {
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::pause(&pause.queue).cells()))
            .update_expression("SET announced_at = :at")
            .condition_expression("since = :since")
            .expression_attribute_values(":since", text(pause.since))
            .expression_attribute_values(":at", text(now));
        held(update.send().await.map_err(failed)).map(|_| ())
    }
}

fn text(at: Timestamp) -> AttributeValue {
    AttributeValue::S(at.to_string())
}

/// Whether the condition of a write held.
fn held<T>(answer: Result<T, ServiceError>) -> Result<bool, ServiceError> {
    match answer {
        Ok(_) => Ok(true),
        Err(ServiceError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
