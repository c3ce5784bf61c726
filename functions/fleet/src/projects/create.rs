//! POST /v1/orgs/{org}/projects: create a project.

use super::{NewProject, ProjectView};
use crate::App;
use aws_dynamodb::{Change, OrgTable};
use axum::extract::State;
use domain::credential::Token;
use domain::fleet::Project;
use domain::journal::Event;
use domain::{OrgId, Permission, ServiceError};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Once, OnceJson, Path, Problem, Refusals, SHOWN_ONCE,
};
use serde::Serialize;
use serde_json::json;

/// A new project with its token, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreatedProject {
    #[serde(flatten)]
    project: ProjectView,
    /// With it the project's devices ask for sessions. Missing in a replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// In a replay: what to do without the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notice: Option<&'static str>,
}

/// Create a project.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/projects", operation_id = "createProject", tag = "fleet",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewProject,
    responses((status = 201, body = CreatedProject), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewProject>,
) -> Result<Answered<Created<Json<CreatedProject>>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    once.run(&table, app.source.now(), create(&app, &table, &once, body))
        .await
}

async fn create(
    app: &App,
    table: &OrgTable,
    once: &Once,
    body: NewProject,
) -> Result<Created<Json<CreatedProject>>, Problem> {
    let (org, id, now) = (table.org(), app.source.id(), app.source.now());
    let token = Token::project(org, id, &app.source);
    let project = Project {
        id,
        name: body.name,
        token_hash: token.hash(),
        former_token: None,
        self_registration: false,
        devices: 0,
        filters: 0,
        version: 1,
        created_at: now,
    };
    let event = Event {
        action: "project.created",
        resource: id.to_string(),
        before: None,
        after: Some(json!({ "name": project.name })),
    };
    let answer = |token: Option<&Token>| Created {
        location: Some(format!("/v1/orgs/{org}/projects/{id}")),
        body: Json(CreatedProject {
            project: project.clone().into(),
            token: token.map(|token| token.reveal().to_owned()),
            notice: token.is_none().then_some(SHOWN_ONCE),
        }),
    };
    let change = table.remember(Change::told(event), once.record(&answer(None), now)?)?;
    table
        .create_project(change, &project)
        .await
        .map_err(ServiceError::from)?;
    Ok(answer(Some(&token)))
}
