//! GET /v1/orgs/{org}/tasks/{task}: what became of a task.

use super::TaskView;
use crate::App;
use axum::extract::State;
use domain::task::{SignedTaskId, TaskRef, UPLOAD_OUTCOME_KEPT};
use domain::{Grant, OrgId, Permission};
use http_api::{Authenticated, Json, Kind, Path, Problem, Refusals};
use jiff::Timestamp;

/// Get a task.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/tasks/{task}", operation_id = "getTask", tag = "tasks",
    params(("org" = OrgId, Path), ("task" = String, Path)),
    responses((status = 200, body = TaskView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, task)): Path<(OrgId, String)>,
) -> Result<Json<TaskView>, Problem> {
    let grant = caller.require(org, Permission::TaskRead)?;
    let task = task
        .parse()
        .map_err(|error| Problem::new(Kind::NotFound, format!("Nothing is at this path: {error}.")))?;
    match task {
        TaskRef::Row(id) => app
            .directory
            .task(org, id)
            .await?
            .map(|task| Json(task.into()))
            .ok_or_else(none),
        TaskRef::Upload(id) => upload(&app, &grant, &id).await,
    }
}

async fn upload(app: &App, grant: &Grant, id: &SignedTaskId) -> Result<Json<TaskView>, Problem> {
    if !app.signer.verify(grant.org(), id) || forgotten(id, app.source.now()) {
        return Err(none());
    }
    let outcome = app.tables.open(grant)?.outcome(id).await?;
    Ok(Json(TaskView::upload(grant.org(), id, outcome)))
}

/// Outcomes go after 30 days; without this, an old upload would read as queued for ever.
fn forgotten(id: &SignedTaskId, now: Timestamp) -> bool {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    u128::from(millis.saturating_sub(id.accepted_ms())) > UPLOAD_OUTCOME_KEPT.as_millis()
}

fn none() -> Problem {
    Problem::not_found("task, or it ended more than 30 days ago")
}
