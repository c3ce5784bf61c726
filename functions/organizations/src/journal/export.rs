//! POST /v1/orgs/{org}/journal/exports: write the journal to a file.

use crate::App;
use crate::tasks::TaskView;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::task::{Task, TaskKind};
use domain::{Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, OnceJson, Path, Problem, Refusals};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// Which entries to export: all of them where nothing is said.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// Those from this moment on.
    from: Option<Timestamp>,
    /// Those before this moment; up to the latest without.
    to: Option<Timestamp>,
}

/// Export the journal: a task writes its entries as lines of canonical JSON, oldest first, closed by a signed head, into a gzip file that
/// `GET /v1/orgs/{org}/tasks/{task}/file` gives a link to for seven days. `cargo run -- verify` checks the file as it is. `from` and `to` cut one
/// stretch out of the journal; functions' clocks may be some milliseconds apart, and so may the entries at its ends.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/journal/exports", operation_id = "exportJournal", tag = "journal",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewExport,
    responses((status = 202, description = "Accepted; `Location` is the task", body = TaskView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewExport>,
) -> Result<Answered<Accepted<TaskView>>, Problem> {
    let grant = caller.require(org, Permission::JournalExport)?;
    let table = app.tables.open(&grant)?;
    once.run(&table, app.source.now(), request(&app, &grant, &once, &body))
        .await
}

async fn request(app: &App, grant: &Grant, once: &Once, asked: &NewExport) -> Result<Accepted<TaskView>, Problem> {
    let NewExport { from, to } = asked;
    if from.zip(*to).is_some_and(|(from, to)| from >= to) {
        return Err(Problem::field("/to", "must be later than `from`"));
    }
    let (org, now) = (grant.org(), app.source.now());
    let range = json!({ "from": from, "to": to });
    let task = Task::queued(app.source.id(), org, TaskKind::ExportJournal, grant.actor(), now);
    let task = task.with_input(range.clone());
    let change = Change::told(Event {
        action: "journal.export_requested",
        resource: task.id.to_string(),
        before: None,
        after: Some(range),
    });
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: TaskView::row(org, task.clone()),
    };
    let table = app.tables.open(grant)?;
    let change = table.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}
