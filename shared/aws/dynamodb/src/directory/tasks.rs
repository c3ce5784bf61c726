//! Tasks of an organisation's life: they live in the directory, since the organisation's table comes after the one and goes before the other.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk, from_item};
use crate::transaction::{Change, Guard};
use aws_errors::failed;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::task::Task;
use domain::{OrgId, ServiceError, TaskId};

impl Directory {
    /// A task.
    pub async fn task(&self, org: OrgId, id: TaskId) -> Result<Option<Task>, ServiceError> {
        self.table.get(&keys::lifecycle_task(org, id)).await
    }

    /// The tasks of an organisation, newest first, a page of them before `before`.
    pub async fn tasks(
        &self,
        org: OrgId,
        before: Option<TaskId>,
        limit: usize,
    ) -> Result<(Vec<Task>, Option<TaskId>), ServiceError> {
        let after = before.map(|id| keys::lifecycle_task(org, id).sk);
        let walk = Walk {
            ascending: false,
            after: after.as_deref(),
            limit,
        };
        self.table
            .page(&keys::org(org).pk, Range::Prefix("TASK#"), walk, |task: &Task| task.id)
            .await
    }

    /// Counts an attempt: the task runs. [`ServiceError::Conflict`] when it has ended.
    pub async fn begin_attempt(&self, org: OrgId, id: TaskId) -> Result<Task, ServiceError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let update = self.table.client.update_item().table_name(&self.table.name);
        let answer = update
            .set_key(Some(keys::lifecycle_task(org, id).cells()))
            .update_expression("SET #status = :running ADD attempts :one")
            .condition_expression("#status IN (:queued, :running)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":running", text("running"))
            .expression_attribute_values(":queued", text("queued"))
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(failed)?;
        from_item(answer.attributes.unwrap_or_default())
    }

    /// Writes down why an attempt failed; the task waits for the next.
    pub async fn attempt_failed(&self, org: OrgId, id: TaskId, error: &str) -> Result<(), ServiceError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let update = self.table.client.update_item().table_name(&self.table.name);
        update
            .set_key(Some(keys::lifecycle_task(org, id).cells()))
            .update_expression("SET #status = :queued, #error = :error")
            .condition_expression("#status = :running")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#error", "error")
            .expression_attribute_values(":running", text("running"))
            .expression_attribute_values(":queued", text("queued"))
            .expression_attribute_values(":error", text(error))
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    pub(crate) fn with_task(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        change.task(
            &self.table,
            &keys::lifecycle_task(task.org, task.id),
            &self.outbox,
            task,
        )
    }

    /// Adds a task's end and takes it out of the outbox.
    pub(crate) fn with_task_done(&self, change: Change, task: &Task) -> Result<Change, ServiceError> {
        change
            .put(
                &self.table,
                &keys::lifecycle_task(task.org, task.id),
                task,
                Guard::Unfinished,
            )?
            .delete(&self.outbox, &keys::outbox(task.id), Guard::None)
    }
}
