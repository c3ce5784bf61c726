//! POST /v1/orgs/{org}/projects/{project}/token: give a project a new token.

use super::existing;
use crate::App;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::credential::{FormerSecret, Overlap, Token};
use domain::fleet::Project;
use domain::journal::Event;
use domain::{OrgId, Permission, ProjectId};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
    SHOWN_ONCE,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How often a rotation is tried again over a project that changes under it: each device counted in or out is a change.
const TRIES: u32 = 3;

/// How a project's token is rotated.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRotation {
    /// For how many seconds the old token stays good beside the new one; not at all, unless said.
    #[serde(default)]
    overlap_seconds: Overlap,
    /// Whether the sessions of the project's devices end at once.
    #[serde(default)]
    end_sessions: bool,
}

/// A project's new token, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RotatedToken {
    project: ProjectId,
    /// Until when the old one is good, where there is an overlap.
    former_token_until: Option<Timestamp>,
    /// The new token. Missing in a replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// In a replay: what to do without the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notice: Option<&'static str>,
}

/// Give a project a new token. The old one stays good until the overlap ends; one from an earlier rotation ends now.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/projects/{project}/token", operation_id = "rotateProjectToken", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), IdempotencyKeyHeader), request_body = TokenRotation,
    responses((status = 201, body = RotatedToken), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    OnceJson(once, body): OnceJson<TokenRotation>,
) -> Result<Answered<Created<Json<RotatedToken>>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    once.run(&table, app.source.now(), rotate(&app, &table, &once, project, &body))
        .await
}

async fn rotate(
    app: &App,
    table: &OrgTable,
    once: &Once,
    id: ProjectId,
    how: &TokenRotation,
) -> Result<Created<Json<RotatedToken>>, Problem> {
    let token = Token::project(table.org(), id, &app.source);
    for _ in 0..TRIES {
        let new = rotated(existing(table, id).await?, &token, how, app.source.now());
        let record = once.record(&answer(&new, None), app.source.now())?;
        let change = table.remember(change(app, &new, how)?, record)?;
        match table.update_project(change, &new).await {
            Ok(()) => return Ok(answer(&new, Some(&token))),
            Err(Refused::Write(_)) => {}
            Err(Refused::Service(error)) => return Err(error.into()),
        }
    }
    let detail = "The project changed at the same moment, again and again: ask once more.";
    Err(Problem::new(Kind::Conflict, detail))
}

fn rotated(old: Project, token: &Token, how: &TokenRotation, now: Timestamp) -> Project {
    Project {
        former_token: FormerSecret::of(old.token_hash, how.overlap_seconds, now),
        token_hash: token.hash(),
        version: old.version + 1,
        ..old
    }
}

fn change(app: &App, new: &Project, how: &TokenRotation) -> Result<Change, Problem> {
    let until = new.former_token.as_ref().map(|former| former.until);
    let change = Change::told(Event {
        action: "project.token_rotated",
        resource: new.id.to_string(),
        before: None,
        after: Some(json!({ "former_token_until": until, "end_sessions": how.end_sessions })),
    });
    Ok(match how.end_sessions {
        true => app
            .directory
            .with_sessions_ended(change, new.id, (app.source.id(), app.source.now()))?,
        false => change,
    })
}

fn answer(project: &Project, token: Option<&Token>) -> Created<Json<RotatedToken>> {
    let body = RotatedToken {
        project: project.id,
        former_token_until: project.former_token.as_ref().map(|former| former.until),
        token: token.map(|token| token.reveal().to_owned()),
        notice: token.is_none().then_some(SHOWN_ONCE),
    };
    Created {
        location: None,
        body: Json(body),
    }
}
