//! GET /v1/orgs/{org}/tasks: the tasks of an organisation, newest first.

use super::{TaskView, filter};
use crate::App;
use aws_dynamodb::TaskFilter;
use axum::extract::State;
use domain::task::TaskStatus;
use domain::{OrgId, Permission, TaskId};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::Deserialize;

/// Which tasks, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those in this state.
    status: Option<TaskStatus>,
    /// Those of this kind, as in `organization.create`.
    kind: Option<String>,
    /// Those that this task asked for: its children.
    parent: Option<TaskId>,
    /// Those accepted after this moment.
    created_after: Option<Timestamp>,
    /// How many items at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// List the tasks of an organisation, newest first, those that ended in the last 30 days included. A page may hold fewer than `limit`
/// though there are more: `next` tells. Uploads are not listed: each is asked after by the id that its upload answered.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/tasks", operation_id = "listTasks", tag = "tasks",
    params(("org" = OrgId, Path), Which),
    responses((status = 200, body = Page<TaskView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(which): Query<Which>,
) -> Result<Json<Page<TaskView>>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let page = (which.limit.get(), app.source.now());
    let before = Cursor::parse(which.cursor.clone())?;
    let filter = TaskFilter {
        parent: which.parent,
        ..filter(which.status, which.kind.as_deref(), which.created_after)?
    };
    let (tasks, next) = app.directory.tasks(Some(org), &filter, before, page).await?;
    let tasks: Vec<_> = tasks.into_iter().map(|task| TaskView::row(org, task)).collect();
    Ok(Json(Page::new(tasks, next)))
}
