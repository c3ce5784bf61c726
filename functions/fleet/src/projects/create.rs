//! POST /v1/orgs/{org}/projects: create a project.

use super::{ProjectView, Rename};
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::credential::Token;
use domain::fleet::Project;
use domain::journal::Event;
use domain::{OrgId, Permission, ServiceError};
use http_api::{Authenticated, Created, Json, Path, Problem, Refusals};
use serde::Serialize;
use serde_json::json;

/// A new project with its token, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreatedProject {
    #[serde(flatten)]
    project: ProjectView,
    /// With it the project's devices ask for sessions.
    token: String,
}

/// Create a project.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/projects", operation_id = "createProject", tag = "fleet",
    params(("org" = OrgId, Path)), request_body = Rename,
    responses((status = 201, body = CreatedProject), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Json(body): Json<Rename>,
) -> Result<Created<Json<CreatedProject>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let id = app.source.id();
    let token = Token::project(org, id, &app.source);
    let created_at = app.source.now();
    let project = Project {
        id,
        name: body.name,
        token_hash: token.hash(),
        devices: 0,
        version: 1,
        created_at,
    };
    let after = Some(json!({ "name": project.name }));
    let event = Event {
        action: "project.created",
        resource: id.to_string(),
        before: None,
        after,
    };
    table
        .create_project(Change::told(event), &project)
        .await
        .map_err(ServiceError::from)?;
    let location = Some(format!("/v1/orgs/{org}/projects/{id}"));
    let body = CreatedProject {
        project: project.into(),
        token: token.reveal().to_owned(),
    };
    Ok(Created {
        location,
        body: Json(body),
    })
}
