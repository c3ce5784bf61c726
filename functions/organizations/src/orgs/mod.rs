//! Organisations.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;

use domain::organization::{OrgStatus, Organization};
use domain::text::Name;
use domain::{OrgId, TaskId};
use jiff::Timestamp;
use serde::Serialize;

/// An organisation as its members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrganizationView {
    id: OrgId,
    name: Name,
    status: OrgStatus,
    /// The task that creates, deletes, upgrades or restores it, the latest.
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
