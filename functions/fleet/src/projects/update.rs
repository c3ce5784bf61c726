//! PATCH /v1/orgs/{org}/projects/{project}: rename a project.

use super::{ProjectView, Rename, existing};
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::fleet::Project;
use domain::journal::Event;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde_json::json;

/// Rename a project.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/projects/{project}", operation_id = "updateProject", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("if-match" = String, Header)), request_body = Rename,
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
    Json(body): Json<Rename>,
) -> Result<Versioned<ProjectView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let old = existing(&table, project).await?;
    version.must_be(old.version)?;
    let event = Event {
        action: "project.updated",
        resource: project.to_string(),
        before: Some(json!({ "name": old.name })),
        after: Some(json!({ "name": body.name })),
    };
    let new = Project {
        name: body.name,
        version: old.version + 1,
        ..old
    };
    table
        .update_project(Change::told(event), &new)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(Versioned(new.version, new.into()))
}
