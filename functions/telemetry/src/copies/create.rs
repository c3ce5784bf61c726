//! POST /v1/orgs/{org}/devices/{device}/streams/{variable}/copies: copy a range of a stream into another.

use crate::App;
use crate::readings::{Known, stream};
use aws_dynamodb::{Change, OrgTable};
use axum::extract::State;
use domain::journal::{Event, Reason};
use domain::reading::{ReadingTime, VariableName};
use domain::stream::Unfit;
use domain::task::{ReadingsCopy, StreamOf, Task, TaskKind};
use domain::{DeviceId, Grant, OrgId, Permission, ServiceError, TaskId};
use http_api::{
    Accepted, Answered, Authenticated, IdempotencyKeyHeader, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What is to be copied, and where to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCopy {
    /// The first instant of the range.
    start: ReadingTime,
    /// The first instant after it, later than `start`.
    #[schema(example = "2026-01-03T00:00:00Z")]
    end: ReadingTime,
    target: CopyTarget,
    /// Why, for the journal: 1 to 256 characters. Names of people do not belong here: it stays.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 256)]
    reason: Option<Reason>,
}

/// The stream that readings are copied into. It need not have readings yet.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyTarget {
    variable: VariableName,
    /// A device of the organisation; without it, the one that is copied from.
    device: Option<DeviceId>,
}

/// A copy that was accepted.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CopyView {
    /// The task that copies the readings; once it is done, its result says how many they were, and how many the target did not take.
    task: TaskId,
    start: ReadingTime,
    end: ReadingTime,
    target: StreamOf,
}

/// Copy a range of a stream into another stream of the organisation. A task (`readings.copy`) writes there what the stream shows when the task
/// comes to it, as it is stored, by neither stream's scales; of a computed stream, what its formula gives. A copied reading keeps its time, status and id: one that is there
/// twice counts once, and what is uploaded to the target after the copy was asked for wins over it. What the target does not take, by its type, its
/// retention or its deletions, is counted in the task's result. Filters do not see copies.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/copies", operation_id = "copyReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), IdempotencyKeyHeader),
    request_body = NewCopy,
    responses((status = 202, description = "Accepted; `Location` is the task", body = CopyView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    OnceJson(once, body): OnceJson<NewCopy>,
) -> Result<Answered<Accepted<CopyView>>, Problem> {
    caller.require(org, Permission::TelemetryRead)?;
    let grant = caller.require(org, Permission::TelemetryWrite)?;
    let table = app.tables.open(&grant)?;
    let source = StreamOf { device, variable };
    let (reason, copy) = body.of(source)?;
    let work = accept((&app, &grant, &table), &once, copy, reason);
    once.run(&table, app.source.now(), work).await
}

impl NewCopy {
    /// The copy of that stream that is asked for, and why.
    fn of(self, source: StreamOf) -> Result<(Option<Reason>, ReadingsCopy), Problem> {
        let Self {
            start,
            end,
            target,
            reason,
        } = self;
        if start >= end {
            return Err(Problem::field("/end", "must be later than `start`"));
        }
        let target = StreamOf {
            device: target.device.unwrap_or(source.device),
            variable: target.variable,
        };
        if source == target {
            let detail = "must be another stream than the one that is copied";
            return Err(Problem::field("/target/variable", detail));
        }
        let copy = ReadingsCopy {
            source,
            target,
            start,
            end,
        };
        Ok((reason, copy))
    }
}

async fn accept(
    (app, grant, table): (&App, &Grant, &OrgTable),
    once: &Once,
    copy: ReadingsCopy,
    reason: Option<Reason>,
) -> Result<Accepted<CopyView>, Problem> {
    let from = stream(table, copy.source.device, &copy.source.variable).await?;
    check(table, &from, &copy).await?;
    let now = app.source.now();
    let task = Task::queued(app.source.id(), grant.org(), TaskKind::CopyReadings, grant.actor(), now);
    let task = task.with_input(json!(copy));
    let change = Change::told(Event {
        action: "readings.copy_requested",
        resource: copy.target.to_string(),
        before: None,
        after: Some(json!({ "task": task.id, "asked": copy, "reason": reason })),
    });
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: CopyView {
            task: task.id,
            start: copy.start,
            end: copy.end,
            target: copy.target,
        },
    };
    let change = table.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}

/// Refuses a target that takes nothing, or that the copied stream is computed from.
async fn check(table: &OrgTable, from: &Known, copy: &ReadingsCopy) -> Result<(), Problem> {
    let ReadingsCopy { source, target, .. } = copy;
    if table.device(target.device).await?.is_none() {
        return Err(Problem::field("/target/device", "must be a device of the organisation"));
    }
    let formula = from
        .settings
        .formula
        .as_ref()
        .filter(|_| source.device == target.device);
    if formula.is_some_and(|formula| formula.uses(&target.variable)) {
        let detail = "must not be a stream that the copied one is computed from";
        return Err(Problem::field("/target/variable", detail));
    }
    let settings = table.stream_settings(target.device, &target.variable).await?;
    match settings.and_then(|settings| settings.takes_none()) {
        None => Ok(()),
        Some(Unfit::Computed) => Err(Problem::new(
            Kind::Conflict,
            "The target is computed by a formula, and takes no readings.",
        )),
        Some(_) => Err(Problem::new(
            Kind::Conflict,
            "The target is disabled: enable it first (`PATCH streams/{variable}`).",
        )),
    }
}
