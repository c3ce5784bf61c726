//! POST /v1/admin/queues/{queue}/drain: pause a queue.
//!
//! First the row, which says what is wanted, then the mapping, which makes it so. After a crash in between the queue is `draining` and still
//! polled; the same call again mends it. The health check tells staff when nothing runs any more.

use super::view::AdminQueueView;
use crate::{App, ByStaff};
use aws_dynamodb::Pause;
use axum::extract::State;
use domain::Staff;
use http_api::{Json, Kind, Path, Problem, Refusals};

/// Pause a queue: nothing begins any more, and what comes in waits. Staff are told once nothing runs any more. For staff.
///
/// No message is lost: SQS keeps each for 14 days. A deployment leaves a paused queue paused, unless it changes the queue's event source
/// mapping itself.
#[utoipa::path(
    post, path = "/v1/admin/queues/{queue}/drain", operation_id = "drainQueue", tag = "operations",
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
    let pause = pause(&app, managed.name, staff).await?;
    managed.mapping.poll(false).await?;
    tracing::info!(queue, by = %staff.id(), "a queue is paused");
    Ok(Json(managed.view(Some(pause)).await?))
}

/// The pause that begins now, or the one that has begun and not yet come to its end.
async fn pause(app: &App, queue: &str, staff: Staff) -> Result<Pause, Problem> {
    let pause = Pause::begun(queue, staff.id(), app.source.now());
    if app.directory.begin_pause(&pause).await? {
        return Ok(pause);
    }
    match app.directory.pause(queue).await? {
        Some(pause) if pause.drained_at.is_none() => Ok(pause),
        Some(_) => Err(Problem::new(
            Kind::Conflict,
            "The queue is drained already; `resume` has it run again.",
        )),
        None => Err(Problem::new(
            Kind::Conflict,
            "Somebody resumed the queue at the same moment: look at it and repeat.",
        )),
    }
}
