//! GET /v1/orgs/{org}/tasks: the tasks of an organisation, newest first.

use super::TaskView;
use crate::App;
use crate::members::list::Filter;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Path, Problem, Query, Refusals};

/// List the tasks of an organisation, newest first. Uploads are not listed: each is asked after by the id that its upload answered.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/tasks", operation_id = "listTasks", tag = "tasks",
    params(("org" = OrgId, Path), Filter),
    responses((status = 200, body = Page<TaskView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<TaskView>>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let before = Cursor::parse(filter.cursor)?;
    let (tasks, next) = app.directory.tasks(org, before, filter.limit.get()).await?;
    Ok(Json(Page::new(tasks, next)))
}
