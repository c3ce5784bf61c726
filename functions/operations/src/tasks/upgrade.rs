//! POST /v1/admin/upgrades: bring every organisation's stack to the present template.

use super::SystemTaskView;
use crate::{App, ByStaff};
use aws_dynamodb::TaskFilter;
use axum::extract::State;
use domain::ServiceError;
use domain::task::{Task, TaskKind};
use http_api::{Accepted, Problem, Refusals};

/// How many of the latest upgrades are looked at for one that goes on.
const LATEST: usize = 10;

/// Bring every organisation's stack to the present template, five at a time, one schema version at a time. For staff, after a deployment.
///
/// Organisations stay in use. While an upgrade goes on, this answers with it. When some could not be upgraded the task fails and names
/// them; those that were are not touched again.
#[utoipa::path(
    post, path = "/v1/admin/upgrades", operation_id = "upgradeOrganizations", tag = "operations",
    responses((status = 202, description = "Accepted; `Location` is the task", body = SystemTaskView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(ByStaff(staff): ByStaff, State(app): State<App>) -> Result<Accepted<SystemTaskView>, Problem> {
    if let Some(task) = under_way(&app).await? {
        return Ok(accepted(task));
    }
    let kind = TaskKind::UpgradeOrganizations;
    let task = Task::queued(app.source.id(), None, kind, staff.id().to_string(), app.source.now());
    app.directory.accept_task(&task).await?;
    app.queue("tasks")?.queue.wake(&task).await;
    tracing::info!(task = %task.id, by = %staff.id(), "organisations are to be upgraded");
    Ok(accepted(task))
}

/// Asked for twice at the same moment there are two, of which each passes over what the other has in hand.
async fn under_way(app: &App) -> Result<Option<Task>, ServiceError> {
    let filter = TaskFilter {
        kind: Some(TaskKind::UpgradeOrganizations.as_str().to_owned()),
        ..TaskFilter::default()
    };
    let page = (LATEST, app.source.now());
    let (latest, _) = app.directory.tasks(None, &filter, None, page).await?;
    Ok(latest.into_iter().find(|task| task.finished_at.is_none()))
}

fn accepted(task: Task) -> Accepted<SystemTaskView> {
    Accepted {
        location: task.path(),
        body: task.into(),
    }
}
