//! DELETE /v1/orgs/{org}/projects/{project}: delete a project that has no devices and no filters.

use super::existing;
use crate::{App, not_changed};
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, IfMatch, Kind, NoContent, Path, Problem, Refusals};
use serde_json::json;

/// Delete a project. It must have no devices and no filters.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/projects/{project}", operation_id = "deleteProject", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), ("if-match" = String, Header)),
    responses(
        (status = 204, description = "Deleted"),
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
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let old = existing(&table, project).await?;
    version.must_be(old.version)?;
    if old.devices > 0 {
        let detail = format!("The project has {} devices: delete them first.", old.devices);
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let before = Some(json!({ "name": old.name }));
    if old.filters > 0 {
        let detail = format!("The project has {} filters: delete them first.", old.filters);
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let event = Event {
        action: "project.deleted",
        resource: project.to_string(),
        before,
        after: None,
    };
    let another = (app.source.id(), app.source.now());
    let change = app
        .directory
        .with_sessions_ended(Change::told(event), project, another)?;
    table
        .delete_project(change, &old)
        .await
        .map_err(|refused| not_changed(refused, version))?;
    Ok(NoContent)
}
