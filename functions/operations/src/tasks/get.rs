//! GET /v1/admin/tasks/{task}: what became of a task of the system's own.

use super::SystemTaskView;
use crate::{App, ByStaff};
use axum::extract::State;
use domain::TaskId;
use http_api::{Json, Path, Problem, Refusals};

/// Get a task of the system's own, its attempts included. For staff.
#[utoipa::path(
    get, path = "/v1/admin/tasks/{task}", operation_id = "getSystemTask", tag = "operations", params(("task" = TaskId, Path)),
    responses((status = 200, body = SystemTaskView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Path(task): Path<TaskId>,
) -> Result<Json<SystemTaskView>, Problem> {
    let found = app.directory.task(None, task).await?;
    let found = found.ok_or_else(|| Problem::not_found("task"))?;
    Ok(Json(found.into()))
}
