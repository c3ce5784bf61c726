//! PATCH /v1/orgs/{org}/projects/{project}: change a project.

use super::{ProjectView, existing};
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::fleet::Project;
use domain::journal::Event;
use domain::text::Name;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectChanges {
    name: Option<Name>,
    /// Whether a device that nobody has registered is registered by showing the project's token. A project takes 10,000 devices so.
    self_registration: Option<bool>,
}

impl ProjectChanges {
    fn applied_to(self, old: &Project) -> Result<Project, Problem> {
        let Self {
            name,
            self_registration,
        } = self;
        if name.is_none() && self_registration.is_none() {
            return Err(Problem::field("", "must say a name or self_registration to change"));
        }
        Ok(Project {
            name: name.unwrap_or_else(|| old.name.clone()),
            self_registration: self_registration.unwrap_or(old.self_registration),
            version: old.version + 1,
            ..old.clone()
        })
    }
}

fn settings(project: &Project) -> Value {
    json!({ "name": project.name, "self_registration": project.self_registration })
}

/// Rename a project, or say whether devices register themselves in it.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/projects/{project}", operation_id = "updateProject", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("if-match" = String, Header)), request_body = ProjectChanges,
    responses(
        (status = 200, body = ProjectView),
        (status = 412, description = "The project has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    version: IfMatch,
    Json(body): Json<ProjectChanges>,
) -> Result<Versioned<ProjectView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let old = existing(&table, project).await?;
    version.must_be(old.version)?;
    let new = body.applied_to(&old)?;
    let event = Event {
        action: "project.updated",
        resource: project.to_string(),
        before: Some(settings(&old)),
        after: Some(settings(&new)),
    };
    table
        .update_project(Change::told(event), &new)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(Versioned(new.version, new.into()))
}
