//! POST /v1/orgs/{org}/devices/{device}/streams/{variable}/deletions: delete a range of a stream.

use crate::App;
use crate::readings::stream;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::journal::{Event, Reason};
use domain::reading::{ReadingTime, VariableName};
use domain::stream::{Deletion, StreamSettings};
use domain::task::{Task, TaskKind};
use domain::{DeviceId, Grant, OrgId, Permission, ServiceError, TaskId};
use http_api::{
    Accepted, Answered, Authenticated, IdempotencyKeyHeader, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What is to go.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeletion {
    /// The first instant of the range.
    start: ReadingTime,
    /// The first instant after it, later than `start`.
    #[schema(example = "2026-01-03T00:00:00Z")]
    end: ReadingTime,
    /// Why, for the journal: 1 to 256 characters. Names of people do not belong here: it stays.
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    reason: Reason,
}

/// A deletion that was accepted.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeletionView {
    /// The task that takes the readings out of their blocks; once it is done, its result says how many they were.
    task: TaskId,
    start: ReadingTime,
    end: ReadingTime,
    /// Readings accepted up to then are deleted; those of the range that come later are stored.
    accepted_until: Timestamp,
}

/// Delete a range of a stream. What was accepted until now is shown to nobody from the answer on, even if it is stored only later; a task
/// (`readings.delete`) takes it out of the stream's blocks, and the journal tells how many readings it was. Raw reports in the archive stay as
/// the device signed them.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/deletions", operation_id = "deleteReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), IdempotencyKeyHeader),
    request_body = NewDeletion,
    responses((status = 202, description = "Accepted; `Location` is the task", body = DeletionView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    OnceJson(once, body): OnceJson<NewDeletion>,
) -> Result<Answered<Accepted<DeletionView>>, Problem> {
    let grant = caller.require(org, Permission::FleetWrite)?;
    let table = app.tables.open(&grant)?;
    let request = Request {
        app: &app,
        grant: &grant,
        table: &table,
        device,
        variable: &variable,
    };
    once.run(&table, app.source.now(), request.accept(&once, &body)).await
}

/// Who asks, and what for.
struct Request<'a> {
    app: &'a App,
    grant: &'a Grant,
    table: &'a OrgTable,
    device: DeviceId,
    variable: &'a VariableName,
}

impl Request<'_> {
    async fn accept(&self, once: &Once, asked: &NewDeletion) -> Result<Accepted<DeletionView>, Problem> {
        if asked.start >= asked.end {
            return Err(Problem::field("/end", "must be later than `start`"));
        }
        let Self { app, table, device, .. } = self;
        let known = stream(table, *device, self.variable).await?;
        if known.settings.formula.is_some() {
            let detail = "The stream is computed by a formula, and nothing of it is stored: delete readings of the streams that it is over.";
            return Err(Problem::new(Kind::Conflict, detail));
        }
        let now = app.source.now();
        let task = self.task(now);
        let settings = deleting(&known.settings, asked, task.id, now)?;
        let answer = Accepted {
            location: task.path(),
            body: view(asked, task.id, now),
        };
        let change = app
            .directory
            .with_task(Change::told(self.told(asked, task.id)), &task)?;
        let change = table.with_stream_settings(change, *device, &settings)?;
        let change = table.remember(change, once.record(&answer, now)?)?;
        match table.commit(change).await {
            Ok(()) => {}
            Err(Refused::Write(_)) => {
                return Err(ServiceError::Busy("the stream's settings changed meanwhile".to_owned()).into());
            }
            Err(Refused::Service(error)) => return Err(error.into()),
        }
        app.tasks.wake(&task).await;
        Ok(answer)
    }

    fn task(&self, now: Timestamp) -> Task {
        let kind = TaskKind::DeleteReadings;
        let task = Task::queued(self.app.source.id(), self.grant.org(), kind, self.grant.actor(), now);
        task.with_input(json!({ "device": self.device, "variable": self.variable }))
    }

    fn told(&self, NewDeletion { start, end, reason }: &NewDeletion, task: TaskId) -> Event {
        Event {
            action: "readings.deletion_requested",
            resource: format!("{}/{}", self.device, self.variable),
            before: None,
            after: Some(json!({ "start": start, "end": end, "reason": reason, "task": task })),
        }
    }
}

/// The stream's settings with the deletion among them.
fn deleting(
    settings: &StreamSettings,
    asked: &NewDeletion,
    task: TaskId,
    now: Timestamp,
) -> Result<StreamSettings, Problem> {
    let deletion = Deletion {
        task,
        start: asked.start,
        end: asked.end,
        until: u64::try_from(now.as_millisecond()).map_err(Problem::internal)?,
        done_at: None,
    };
    settings.deleting(deletion, now).ok_or_else(|| {
        let detail = "The stream has 100 deletions that are not done, or were done in the last 90 days: delete a longer range at once, or wait.";
        Problem::new(Kind::Conflict, detail)
    })
}

fn view(asked: &NewDeletion, task: TaskId, now: Timestamp) -> DeletionView {
    DeletionView {
        task,
        start: asked.start,
        end: asked.end,
        accepted_until: now,
    }
}
