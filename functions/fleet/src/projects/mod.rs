//! Projects: groups of devices.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use aws_dynamodb::OrgTable;
use domain::ProjectId;
use domain::fleet::Project;
use domain::text::Name;
use http_api::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A project as members see it: never its token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProjectView {
    id: ProjectId,
    name: Name,
    /// How many devices it has.
    devices: u64,
    created_at: Timestamp,
}

/// A new name.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    pub name: Name,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        let Project {
            id,
            name,
            devices,
            created_at,
            ..
        } = project;
        Self {
            id,
            name,
            devices,
            created_at,
        }
    }
}

/// A project that must be there.
pub async fn existing(table: &OrgTable, id: ProjectId) -> Result<Project, Problem> {
    table.project(id).await?.ok_or_else(|| Problem::not_found("project"))
}
