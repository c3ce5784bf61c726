//! POST /v1/orgs/{org}/exports: have all that an organisation has written to a file.

use crate::App;
use crate::tasks::TaskView;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::task::{Task, TaskKind};
use domain::{Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, Path, Problem, Refusals};

/// Export an organisation: its notes, members, projects, devices, streams, readings, events and journal, as lines of JSON, compressed by gzip. Each line
/// says by `type` what it is; the last, `end`, counts them. The task's file can be downloaded for seven days.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/exports", operation_id = "exportOrganization", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader),
    responses((status = 202, description = "Accepted; `Location` is the task", body = TaskView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    once: Once,
) -> Result<Answered<Accepted<TaskView>>, Problem> {
    let grant = caller.require(org, Permission::OrgExport)?;
    once.run(&app.directory, app.source.now(), request(&app, &grant, &once))
        .await
}

async fn request(app: &App, grant: &Grant, once: &Once) -> Result<Accepted<TaskView>, Problem> {
    let table = app.tables.open(grant)?;
    let (org, now) = (grant.org(), app.source.now());
    let task = Task::queued(app.source.id(), org, TaskKind::ExportOrganization, grant.actor(), now);
    let change = Change::told(Event {
        action: "organization.export_requested",
        resource: task.id.to_string(),
        before: None,
        after: None,
    });
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: TaskView::row(org, task.clone()),
    };
    let change = app.directory.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}
