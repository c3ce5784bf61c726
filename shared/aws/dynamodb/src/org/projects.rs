//! Projects.

use super::OrgTable;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use domain::fleet::Project;
use domain::{ProjectId, ServiceError};

impl OrgTable {
    /// Stores a new project.
    pub async fn create_project(&self, change: Change, project: &Project) -> Result<(), Refused> {
        self.commit(change.put(&self.table, &keys::project(project.id), project, Guard::Absent)?)
            .await
    }

    /// A project.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, ServiceError> {
        self.table.get(&keys::project(id)).await
    }

    /// The projects in order of creation, a page of them after `after`.
    pub async fn projects(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<(Vec<Project>, Option<ProjectId>), ServiceError> {
        let after = after.map(|id| id.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        self.table
            .page(keys::PROJECTS, Range::All, walk, |project: &Project| project.id)
            .await
    }

    /// Stores a project's new state over the version before. `Refused::Write(0)`: it has another version by now.
    pub async fn update_project(&self, change: Change, project: &Project) -> Result<(), Refused> {
        let guard = Guard::Version(project.version - 1);
        self.commit(change.put(&self.table, &keys::project(project.id), project, guard)?)
            .await
    }

    /// Deletes a project of that version. Each device counted in or out is a new version, so none can slip in unseen.
    pub async fn delete_project(&self, change: Change, project: &Project) -> Result<(), Refused> {
        let guard = Guard::Version(project.version);
        self.commit(change.delete(&self.table, &keys::project(project.id), guard)?)
            .await
    }
}
