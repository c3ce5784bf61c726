//! Projects: groups of devices.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod sessions;
pub mod token;
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
    /// Whether a device that nobody has registered is registered by showing the project's token.
    self_registration: bool,
    /// Until when the token before the latest rotation is good, where there was an overlap.
    former_token_until: Option<Timestamp>,
    created_at: Timestamp,
}

/// A new project.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    pub name: Name,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        let Project {
            id,
            name,
            devices,
            self_registration,
            former_token,
            created_at,
            ..
        } = project;
        Self {
            id,
            name,
            devices,
            self_registration,
            former_token_until: former_token.map(|former| former.until),
            created_at,
        }
    }
}

/// A project that must be there.
pub async fn existing(table: &OrgTable, id: ProjectId) -> Result<Project, Problem> {
    table.project(id).await?.ok_or_else(|| Problem::not_found("project"))
}
