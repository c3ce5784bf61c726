//! GET /v1/admin/queues: every queue.

use super::view::AdminQueueView;
use crate::{App, ByStaff};
use axum::extract::State;
use futures::future::try_join_all;
use http_api::{Json, Page, Problem, Refusals};

/// List the queues: what waits, what runs, what was given up, and whether it is paused. For staff.
#[utoipa::path(
    get, path = "/v1/admin/queues", operation_id = "listQueues", tag = "operations",
    responses((status = 200, body = Page<AdminQueueView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(_: ByStaff, State(app): State<App>) -> Result<Json<Page<AdminQueueView>>, Problem> {
    let pauses = app.directory.pauses().await?;
    let views = app.queues.iter().map(|managed| {
        let pause = pauses.iter().find(|pause| pause.queue == managed.name);
        managed.view(pause.cloned())
    });
    Ok(Json(Page::new(try_join_all(views).await?, None::<String>)))
}
