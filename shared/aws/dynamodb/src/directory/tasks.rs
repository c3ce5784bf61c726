//! Tasks: rows that one revision follows another. They live in the directory, since an organisation's table comes after the first of its
//! tasks and goes before the last.
//!
//! What a task costs beyond its effect, in write units: accepted 4 (row and outbox note, in the asker's transaction), begun 1, ended 2 (in its
//! effect's transaction; 1 where it has none), note cleared 1, its line in the worker's log at most 1: 9. A planned wait or a failed attempt is
//! up to 3 more: saved, begun again, and a line.

use super::Directory;
use crate::OrgTable;
use crate::keys;
use crate::table::{Range, Walk, to_item};
use crate::transaction::{Change, Guard, Refused};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::task::{Task, TaskStatus};
use domain::{OrgId, ServiceError, TaskId};
use jiff::{SignedDuration, Timestamp};

/// Most rows that one page of a filtered list looks at, and how many it reads at once.
const LOOKED_AT: usize = 1_000;
const READ_AT_ONCE: usize = 100;
/// A task that another one asks for has an id of that one's time: so much older than itself it can be (a run of the longest deadline).
const DERIVED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Which tasks to list.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Those in this state.
    pub status: Option<TaskStatus>,
    /// Those of the kind of this name.
    pub kind: Option<String>,
    /// Those that this task asked for.
    pub parent: Option<TaskId>,
    /// Those accepted after this moment.
    pub created_after: Option<Timestamp>,
}

impl TaskFilter {
    fn admits(&self, task: &Task, now: Timestamp) -> bool {
        let kept = task.expires_at.is_none_or(|at| at > now.as_second());
        kept && self.status.is_none_or(|status| status == task.status)
            && self.kind.as_ref().is_none_or(|kind| *kind == task.kind)
            && self.parent.is_none_or(|parent| task.parent == Some(parent))
            && self.created_after.is_none_or(|after| task.created_at > after)
    }
}

impl Directory {
    /// A task; none once its time to be kept is over.
    pub async fn task(&self, org: Option<OrgId>, id: TaskId) -> Result<Option<Task>, ServiceError> {
        self.table.get(&keys::task(org, id)).await
    }

    /// The tasks of an organisation (the system's own without one), newest first, a page of them before `before`. A page may hold fewer
    /// than `limit` though there are more.
    pub async fn tasks(
        &self,
        org: Option<OrgId>,
        filter: &TaskFilter,
        before: Option<TaskId>,
        (limit, now): (usize, Timestamp),
    ) -> Result<(Vec<Task>, Option<TaskId>), ServiceError> {
        let oldest = filter.created_after.map_or(0, |at| {
            let millis = at.as_millisecond() - i64::try_from(DERIVED.as_millis()).unwrap_or(0);
            u64::try_from(millis).unwrap_or(0)
        });
        let oldest = TaskId::from(ulid::Ulid::from_parts(oldest, 0));
        let (from, end) = (keys::task(org, oldest).sk, format!("{}~", keys::TASK_PREFIX));
        let (mut found, mut after, mut looked_at) = (Vec::new(), before, 0);
        // A place before the first of the range is none that DynamoDB begins at.
        while after.is_none_or(|after| after > oldest) {
            let sk = after.map(|id| keys::task(org, id).sk);
            let walk = Walk {
                ascending: false,
                after: sk.as_deref(),
                limit: READ_AT_ONCE.max(limit - found.len()),
            };
            let range = Range::Between(&from, &end);
            let (page, next) = self
                .table
                .page(&keys::tasks(org), range, walk, |task: &Task| task.id)
                .await?;
            looked_at += page.len();
            after = next;
            found.extend(page.into_iter().filter(|task| filter.admits(task, now)));
            if found.len() > limit {
                found.truncate(limit);
                after = found.last().map(|task| task.id);
            }
            if after.is_none() || found.len() >= limit || looked_at >= LOOKED_AT {
                return Ok((found, after));
            }
        }
        Ok((found, None))
    }

    /// Accepts a task by itself. Accepting it a second time changes nothing; whether it was new.
    pub async fn accept_task(&self, task: &Task) -> Result<bool, ServiceError> {
        match self.with_task(Change::silent(), task)?.send(&self.table).await {
            Ok(()) => Ok(true),
            Err(Refused::Write(_)) => Ok(false),
            Err(Refused::Service(error)) => Err(error),
        }
    }

    /// Adds a new task, and the outbox's note of it, to the change that asks for it.
    pub fn with_task(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        let change = change.put(&self.table, &keys::task(task.org, task.id), task, Guard::Absent)?;
        self.with_note(change, task)
    }

    /// Adds a task's next revision to a change: they commit together, or neither where somebody else was first.
    pub fn with_revision(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        let guard = Guard::Revision(task.revision.saturating_sub(1));
        change.put(&self.table, &keys::task(task.org, task.id), task, guard)
    }

    /// Saves a task's next revision. [`ServiceError::Conflict`] when somebody else was first.
    pub async fn save_task(&self, task: &Task) -> Result<(), ServiceError> {
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put
            .set_item(Some(to_item(&keys::task(task.org, task.id), task)?))
            .condition_expression("revision = :before")
            .expression_attribute_values(
                ":before",
                AttributeValue::N(task.revision.saturating_sub(1).to_string()),
            );
        put.send().await.map_err(failed)?;
        Ok(())
    }

    /// Adds to a change the revision that runs a task again, and its note in the outbox once more.
    pub fn with_requeued(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        self.with_note(self.with_revision(change, task)?, task)
    }

    /// Commits a change: in the organisation's table with its journal entry, where there is one to tell.
    pub async fn commit(&self, table: Option<&OrgTable>, change: Change) -> Result<(), Refused> {
        match table {
            Some(table) => table.commit(change).await,
            None => change.send(&self.table).await,
        }
    }
}
