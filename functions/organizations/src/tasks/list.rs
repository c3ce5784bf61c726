//! GET /v1/orgs/{org}/tasks: the tasks of an organisation, newest first.

use super::TaskView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the tasks of an organisation, newest first. Uploads are not listed: each is asked after by the id that its upload answered.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/tasks", operation_id = "listTasks", tag = "tasks",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<TaskView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TaskView>>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let before = Cursor::parse(paging.cursor)?;
    let (tasks, next) = app.directory.tasks(org, before, paging.limit.get()).await?;
    Ok(Json(Page::new(tasks, next)))
}
