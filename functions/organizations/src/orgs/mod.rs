//! Organisations.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;

use crate::App;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskMessage};
use domain::text::Name;
use domain::{OrgId, TaskId};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// An organisation as its members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrganizationView {
    id: OrgId,
    name: Name,
    status: OrgStatus,
    /// The task that creates or deletes it, the latest.
    task: TaskId,
    created_at: Timestamp,
}

impl From<Organization> for OrganizationView {
    fn from(org: Organization) -> Self {
        Self {
            id: org.id,
            name: org.name,
            status: org.status,
            task: org.task,
            created_at: org.created_at,
        }
    }
}

impl App {
    /// Wakes the worker for a task that is committed. When the queue is not to be reached, the outbox still holds the task and the sweep sends it.
    async fn wake(&self, task: &Task) {
        let message = TaskMessage::Task {
            org: task.org,
            task: task.id,
            resumes: false,
        };
        if let Err(error) = self.tasks.send(&message, Duration::ZERO).await {
            tracing::warn!(task = %task.id, %error, "the task waits for the sweep");
        }
    }
}
