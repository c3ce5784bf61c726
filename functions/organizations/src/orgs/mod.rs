//! Organisations.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod reopen;
pub mod update;

use crate::App;
use domain::block_files::ArchiveAge;
use domain::maintenance::Maintenance;
use domain::metadata::Metadata;
use domain::organization::{OrgStatus, Organization, Profile};
use domain::text::Name;
use domain::{OrgId, TaskId};
use http_api::{Problem, Versioned};
use jiff::Timestamp;
use serde::Serialize;

/// An organisation as its members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrganizationView {
    id: OrgId,
    name: Name,
    status: OrgStatus,
    /// The task that creates, exports to close, deletes, upgrades or restores it, the latest.
    task: TaskId,
    created_at: Timestamp,
    /// When it is to be deleted, while it is `closing`.
    deletes_at: Option<Timestamp>,
}

/// An organisation with what it notes of itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrganizationDetail {
    #[serde(flatten)]
    organization: OrganizationView,
    /// What it notes of itself: keys and texts, which mean nothing to Millwright.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    metadata: Metadata,
    /// Whether it is closed for a while.
    maintenance: Maintenance,
    /// After how many days its readings move to files; `null` for never.
    archive_readings_after: Option<ArchiveAge>,
}

impl OrganizationDetail {
    /// An organisation with the version of its name and notes.
    fn versioned(org: Organization, profile: Profile) -> Versioned<Self> {
        let detail = Self {
            metadata: profile.metadata,
            archive_readings_after: profile.archive_readings_after,
            maintenance: org.maintenance.clone(),
            organization: org.into(),
        };
        Versioned(profile.version, detail)
    }
}

/// An organisation that must be there, and what it notes of itself. Notes first: a change that comes between the two shows in the version.
async fn existing(app: &App, org: OrgId) -> Result<(Organization, Profile), Problem> {
    let profile = app.directory.profile(org).await?;
    let found = app.directory.organization(org).await?;
    let living = found.filter(|org| org.status != OrgStatus::Deleted);
    living
        .map(|org| (org, profile))
        .ok_or_else(|| Problem::not_found("organisation"))
}

impl From<Organization> for OrganizationView {
    fn from(org: Organization) -> Self {
        Self {
            id: org.id,
            name: org.name,
            status: org.status,
            task: org.task,
            created_at: org.created_at,
            deletes_at: org
                .closing
                .filter(|_| org.status == OrgStatus::Closing)
                .map(|closing| closing.deletes_at),
        }
    }
}
