//! POST /v1/orgs/{org}/tasks/{task}/cancel: call a task off.

use super::{TaskView, accept, change, changeable, not_now};
use crate::App;
use axum::extract::State;
use domain::task::Task;
use domain::{Grant, OrgId, Permission};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, Path, Problem, Refusals};

/// Call a task off. Whoever works on it next ends it: `cancel_requested` shows meanwhile. What creates or deletes an organisation can be
/// called off before it has begun; an organisation that was to be deleted is then in use again.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/tasks/{task}/cancel", operation_id = "cancelTask", tag = "tasks",
    params(("org" = OrgId, Path), ("task" = String, Path), IdempotencyKeyHeader),
    responses(
        (status = 202, description = "Asked for; `Location` is the task", body = TaskView),
        (status = 409, description = "The task has ended, or has gone too far"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, task)): Path<(OrgId, String)>,
    once: Once,
) -> Result<Answered<Accepted<TaskView>>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let (task, grant) = changeable(&app, &caller, org, &task).await?;
    once.run(&app.directory, app.source.now(), cancel(&app, &once, &grant, task))
        .await
}

async fn cancel(app: &App, once: &Once, grant: &Grant, task: Task) -> Result<Accepted<TaskView>, Problem> {
    let called_off = task.call_off(app.source.now()).map_err(not_now)?;
    let change = app
        .directory
        .with_revision(change("task.cancelled", &task), &called_off)?;
    accept(app, once, grant, change, &called_off).await
}
