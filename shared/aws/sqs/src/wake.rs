//! Waking the worker for a task.

use crate::Queue;
use domain::task::Task;
use std::time::Duration;

impl Queue {
    /// Wakes the worker for a task that is committed. When the queue is not to be reached, the outbox still holds the task and the sweeper
    /// sends it.
    pub async fn wake(&self, task: &Task) {
        if let Err(error) = self.send(&task.message(), Duration::ZERO).await {
            tracing::warn!(task = %task.id, %error, "the task waits for the sweeper");
        }
    }
}
