//! POST /v1/admin/queues/{queue}/resume: have a paused queue run again.
//!
//! First the mapping, then the row: after a crash in between the queue runs and still reads as paused, and the same call again mends it. A
//! queue that is not polled and reads as running (somebody stopped it by other means) is resumed too.

use super::view::AdminQueueView;
use crate::{App, ByStaff};
use aws_lambda::Polling;
use axum::extract::State;
use http_api::{Json, Kind, Path, Problem, Refusals};

/// Have a paused queue run again, with all that came in meanwhile. For staff.
#[utoipa::path(
    post, path = "/v1/admin/queues/{queue}/resume", operation_id = "resumeQueue", tag = "operations",
    params(("queue" = String, Path, description = "Its name, as in the list of queues")),
    responses((status = 200, body = AdminQueueView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    ByStaff(staff): ByStaff,
    State(app): State<App>,
    Path(queue): Path<String>,
) -> Result<Json<AdminQueueView>, Problem> {
    let managed = app.queue(&queue)?;
    let pause = app.directory.pause(managed.name).await?;
    if pause.is_none() && managed.mapping.state().await?.polling == Polling::On {
        return Err(Problem::new(
            Kind::Conflict,
            "The queue is running: there is nothing to resume.",
        ));
    }
    managed.mapping.poll(true).await?;
    if let Some(pause) = &pause {
        app.directory.end_pause(pause).await?;
    }
    tracing::info!(queue, by = %staff.id(), "a queue is resumed");
    Ok(Json(managed.view(None).await?))
}
