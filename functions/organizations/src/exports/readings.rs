//! POST /v1/orgs/{org}/devices/{device}/exports: have readings of a device written to a file.

use crate::App;
use crate::tasks::TaskView;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::reading::{ReadingTime, VariableName};
use domain::task::{FileFormat, ReadingsExport, Task, TaskKind};
use domain::{DeviceId, Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, OnceJson, Path, Problem, Refusals};
use serde::Deserialize;
use serde_json::json;

/// Most variables of one file.
const MOST: usize = 20;

/// Which readings to export, and as what.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReadingsExport {
    /// The variables, 1 to 20 different ones; those without readings are passed over.
    #[schema(min_items = 1, max_items = 20)]
    variables: Vec<VariableName>,
    /// The first instant of the range; without it, each stream's beginning.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, no end.
    end: Option<ReadingTime>,
    /// What kind of file.
    #[serde(default)]
    format: FileFormat,
}

/// Export readings of a device: a task writes them to a Parquet file or to lines of CSV in gzip, one variable after another, each in order of time, with the
/// columns `device`, `variable`, `time`, `value`, `status` and `id`. `GET /v1/orgs/{org}/tasks/{task}/file` gives a link to it for seven days.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/exports", operation_id = "exportReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), IdempotencyKeyHeader), request_body = NewReadingsExport,
    responses((status = 202, description = "Accepted; `Location` is the task", body = TaskView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device)): Path<(OrgId, DeviceId)>,
    OnceJson(once, body): OnceJson<NewReadingsExport>,
) -> Result<Answered<Accepted<TaskView>>, Problem> {
    let grant = caller.require(org, Permission::TelemetryRead)?;
    let table = app.tables.open(&grant)?;
    let asked = body.parsed(device)?;
    once.run(&table, app.source.now(), request(&app, &grant, &once, &asked))
        .await
}

impl NewReadingsExport {
    fn parsed(self, device: DeviceId) -> Result<ReadingsExport, Problem> {
        let Self {
            variables,
            start,
            end,
            format,
        } = self;
        let twice = |(n, name): (usize, &VariableName)| variables.iter().take(n).any(|earlier| earlier == name);
        if !(1..=MOST).contains(&variables.len()) || variables.iter().enumerate().any(twice) {
            return Err(Problem::field("/variables", "must be 1 to 20 different variables"));
        }
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Err(Problem::field("/end", "must be later than `start`"));
        }
        Ok(ReadingsExport {
            device,
            variables,
            start,
            end,
            format,
        })
    }
}

async fn request(app: &App, grant: &Grant, once: &Once, asked: &ReadingsExport) -> Result<Accepted<TaskView>, Problem> {
    let table = app.tables.open(grant)?;
    let device = table.device(asked.device).await?;
    device.ok_or_else(|| Problem::not_found("device in this organisation"))?;
    let (org, now) = (grant.org(), app.source.now());
    let task = Task::queued(app.source.id(), org, TaskKind::ExportReadings, grant.actor(), now);
    let task = task.with_input(json!(asked));
    let change = Change::told(Event {
        action: "readings.export_requested",
        resource: asked.device.to_string(),
        before: None,
        after: Some(json!({ "task": task.id, "asked": asked })),
    });
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: TaskView::row(org, task.clone()),
    };
    let change = table.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}
