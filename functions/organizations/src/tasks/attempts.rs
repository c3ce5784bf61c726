//! GET /v1/orgs/{org}/attempts: what workers did for an organisation.

use super::filter;
use crate::App;
use axum::extract::State;
use domain::task::{Attempt, Task, TaskStatus};
use domain::{OrgId, Permission, TaskId};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// Which tasks' attempts, and which page of them.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichAttempts {
    /// Those at tasks of this kind, as in `organization.create`.
    kind: Option<String>,
    /// Those at tasks accepted after this moment.
    created_after: Option<Timestamp>,
    /// The attempts of how many tasks at most; a task has up to ten.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// One attempt of a worker at a task.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AttemptView {
    task: TaskId,
    /// The task's kind.
    kind: String,
    /// Where the task is now.
    status: TaskStatus,
    /// When the attempt began.
    begun_at: Timestamp,
    /// When it ended; none while it goes on.
    ended_at: Option<Timestamp>,
    /// Why it failed; none where it did not.
    error: Option<String>,
}

/// List the attempts of workers at the organisation's tasks, those of the newest task first, each task's newest first. A page may hold
/// none though there are more: `next` tells. Uploads are not listed: each is asked after by the id that its upload answered.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/attempts", operation_id = "listAttempts", tag = "tasks",
    params(("org" = OrgId, Path), WhichAttempts),
    responses((status = 200, body = Page<AttemptView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(which): Query<WhichAttempts>,
) -> Result<Json<Page<AttemptView>>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let page = (which.limit.get(), app.source.now());
    let before = Cursor::parse(which.cursor)?;
    let filter = filter(None, which.kind.as_deref(), which.created_after)?;
    let (tasks, next) = app.directory.tasks(Some(org), &filter, before, page).await?;
    let attempts: Vec<_> = tasks.into_iter().flat_map(attempts).collect();
    Ok(Json(Page::new(attempts, next)))
}

fn attempts(task: Task) -> impl Iterator<Item = AttemptView> {
    let Task {
        id, kind, status, log, ..
    } = task;
    log.into_iter().rev().map(move |attempt| {
        let Attempt {
            begun_at,
            ended_at,
            error,
        } = attempt;
        AttemptView {
            task: id,
            kind: kind.clone(),
            status,
            begun_at,
            ended_at,
            error,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::{Begin, TaskKind};
    use jiff::SignedDuration;

    #[test]
    fn a_tasks_attempts_come_newest_first_with_their_errors() {
        let at = Timestamp::UNIX_EPOCH;
        let id: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let begin = |task: &Task, now| match task.begin(now) {
            Begin::Run(task) => *task,
            other => panic!("{other:?}"),
        };
        let task = begin(&Task::queued(id, None, TaskKind::PurgeDevice, "x", at), at);
        let later = at + SignedDuration::from_secs(9);
        let task = begin(&task.try_again("busy", SignedDuration::ZERO, later), later);
        let views: Vec<_> = attempts(task).collect();
        let told: Vec<_> = views
            .iter()
            .map(|view| (view.begun_at, view.error.as_deref()))
            .collect();
        assert_eq!(told, [(later, None), (at, Some("busy"))]);
        assert_eq!(views[0].status, TaskStatus::Running);
    }
}
