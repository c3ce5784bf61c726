//! GET /v1/admin/tasks: the system's own tasks.

use super::SystemTaskView;
use crate::{App, ByStaff};
use aws_dynamodb::TaskFilter;
use axum::extract::State;
use domain::task::{TaskKind, TaskStatus};
use http_api::{Cursor, Json, Kind, Limit, Page, Problem, Query, Refusals};
use serde::Deserialize;

/// Which tasks, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichSystemTasks {
    /// Those in this state.
    status: Option<TaskStatus>,
    /// Those of this kind, as in `system.check_devices`.
    kind: Option<String>,
    /// How many items at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// List the tasks of the system's own, newest first, those that ended in the last 30 days included. A page may hold fewer than `limit`
/// though there are more: `next` tells. For staff.
#[utoipa::path(
    get, path = "/v1/admin/tasks", operation_id = "listSystemTasks", tag = "operations", params(WhichSystemTasks),
    responses((status = 200, body = Page<SystemTaskView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Query(which): Query<WhichSystemTasks>,
) -> Result<Json<Page<SystemTaskView>>, Problem> {
    let unknown = || Problem::new(Kind::BadRequest, "There is no such `kind` of tasks.");
    let kind = which
        .kind
        .as_deref()
        .map(|kind| TaskKind::parse(kind).ok_or_else(unknown));
    let filter = TaskFilter {
        status: which.status,
        kind: kind.transpose()?.map(|kind| kind.as_str().to_owned()),
        ..TaskFilter::default()
    };
    let before = Cursor::parse(which.cursor)?;
    let page = (which.limit.get(), app.source.now());
    let (tasks, next) = app.directory.tasks(None, &filter, before, page).await?;
    Ok(Json(Page::new(tasks, next)))
}
