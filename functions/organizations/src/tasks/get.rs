//! GET /v1/orgs/{org}/tasks/{task}: what became of a task.

use super::{TaskView, existing, none, parse};
use crate::App;
use axum::extract::State;
use domain::task::{SignedTaskId, TaskRef, UPLOAD_OUTCOME_KEPT};
use domain::{Grant, OrgId, Permission};
use http_api::{Authenticated, Json, Path, Problem, Refusals};
use jiff::Timestamp;

/// Get a task, its attempts included.
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
    match parse(&task)? {
        TaskRef::Row(id) => Ok(Json(TaskView::row(org, existing(&app, org, id).await?))),
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
