//! The outbox: a note of each task that has not ended, so that a crash between commit and queue loses nothing.
//!
//! One table for all organisations, whose only rows are the notes: with nothing to do, a sweep reads an empty partition a shard.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::task::Task;
use domain::{OrgId, ServiceError, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A task that has not ended, or has just done so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Note {
    /// The task.
    #[serde(rename = "sk")]
    pub task: TaskId,
    /// The organisation it is for; none for the system's own.
    pub org: Option<OrgId>,
    /// Which run of the task it is of: a task that is run again is noted again.
    pub run_at: Timestamp,
    /// When a sweep may look at it again; none while no sweep has sent it.
    pub due: Option<Timestamp>,
}

#[derive(Serialize)]
struct NewNote {
    org: Option<OrgId>,
    run_at: Timestamp,
}

impl Directory {
    /// A page of one shard's notes, oldest task first, from `after` on. There are [`Directory::OUTBOX_SHARDS`] shards.
    pub async fn outbox_notes(
        &self,
        shard: u128,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<(Vec<Note>, Option<TaskId>), ServiceError> {
        let after = after.map(|task| task.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::outbox_shard(shard);
        self.outbox.page(&pk, Range::All, walk, |note: &Note| note.task).await
    }

    /// How many shards the outbox has.
    pub const OUTBOX_SHARDS: u128 = keys::OUTBOX_SHARDS;

    /// The tasks of these notes, in no particular order; those without a row are left out.
    pub async fn noted_tasks(&self, notes: &[Note]) -> Result<Vec<Task>, ServiceError> {
        let wanted: Vec<_> = notes.iter().map(|note| keys::task(note.org, note.task)).collect();
        let found = self.table.get_many(&wanted).await?;
        found.into_iter().map(crate::table::from_item).collect()
    }

    /// Takes a note away whose task has ended. Doing so twice changes nothing, and the note of a later run stays.
    pub async fn clear_note(&self, task: TaskId, run_at: Timestamp) -> Result<(), ServiceError> {
        let delete = self.outbox.client.delete_item().table_name(&self.outbox.name);
        let delete = delete
            .set_key(Some(keys::outbox(task).cells()))
            .condition_expression("run_at = :run")
            .expression_attribute_values(":run", AttributeValue::S(run_at.to_string()));
        match delete.send().await.map_err(failed) {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Notes that a task was sent again, unless it has ended by now; no sweep looks at it before `due`.
    pub async fn postpone(&self, task: TaskId, due: Timestamp) -> Result<(), ServiceError> {
        let update = self.outbox.client.update_item().table_name(&self.outbox.name);
        let update = update
            .set_key(Some(keys::outbox(task).cells()))
            .update_expression("SET due = :due")
            .expression_attribute_values(":due", AttributeValue::S(due.to_string()))
            .condition_expression("attribute_exists(pk)");
        match update.send().await.map_err(failed) {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn with_note(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        let (org, run_at) = (task.org, task.run_at);
        let note = NewNote { org, run_at };
        change.put(&self.outbox, &keys::outbox(task.id), &note, Guard::None)
    }
}
