//! DELETE /v1/orgs/{org}/projects/{project}/sessions: end the sessions of a project's devices.

use super::existing;
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::{OrgId, Permission, ProjectId, ServiceError};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// End every session that the project's devices have, from the next request on. Who holds the project's token can get another: rotate it to prevent that.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/projects/{project}/sessions", operation_id = "endProjectSessions", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path)),
    responses((status = 204, description = "Ended"), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    existing(&table, project).await?;
    let event = Event {
        action: "project.sessions_ended",
        resource: project.to_string(),
        before: None,
        after: None,
    };
    let another = (app.source.id(), app.source.now());
    let change = app
        .directory
        .with_sessions_ended(Change::told(event), project, another)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    Ok(NoContent)
}
