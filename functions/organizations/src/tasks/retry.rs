//! POST /v1/orgs/{org}/tasks/{task}/retry: run a task again that failed or was called off.

use super::{TaskView, accept, change, changeable, not_now};
use crate::App;
use axum::extract::State;
use domain::task::Task;
use domain::{Grant, OrgId, Permission};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Kind, Once, Path, Problem, Refusals};

/// Run a task again that failed or was called off. Its attempts are counted anew, and what it has done already it does not do twice.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/tasks/{task}/retry", operation_id = "retryTask", tag = "tasks",
    params(("org" = OrgId, Path), ("task" = String, Path), IdempotencyKeyHeader),
    responses(
        (status = 202, description = "Queued again; `Location` is the task", body = TaskView),
        (status = 409, description = "The task has not failed, or another one has the organisation in hand by now"),
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
    once.run(&app.directory, app.source.now(), retry(&app, &once, &grant, task))
        .await
}

async fn retry(app: &App, once: &Once, grant: &Grant, task: Task) -> Result<Accepted<TaskView>, Problem> {
    let queued = task.run_again(app.source.now()).map_err(not_now)?;
    let change = app.directory.with_requeued(change("task.retried", &task), &queued)?;
    let change = app.directory.with_organization_in_hand(change, &queued).await?;
    let change = change.ok_or_else(in_other_hands)?;
    accept(app, once, grant, change, &queued).await
}

fn in_other_hands() -> Problem {
    let detail = "Another task has had the organisation in hand since: this one cannot be retried.";
    Problem::new(Kind::Conflict, detail)
}
