//! Tasks of an organisation: those with a row, and uploads, whose outcome the ingest worker records.

pub mod attempts;
pub mod cancel;
pub mod file;
pub mod get;
pub mod list;
pub mod retry;

use crate::App;
use aws_dynamodb::{Change, TaskFilter, UploadOutcome};
use domain::journal::Event;
use domain::stream::Refusal;
use domain::task::{Attempt, NotNow, Progress, SignedTaskId, Task, TaskKind, TaskRef, TaskStatus, UPLOAD_KIND};
use domain::{Caller, Grant, OrgId, Permission, ServiceError, TaskId};
use http_api::{Accepted, Kind, Once, Problem};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// A task as whoever asked for it sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TaskView {
    id: String,
    org: OrgId,
    /// What it does, as in `organization.create`.
    kind: String,
    status: TaskStatus,
    /// Attempts so far, in the present run.
    attempts: u32,
    /// The latest of them, oldest first.
    attempts_log: Vec<Attempt>,
    /// How far it is, where its kind tells.
    progress: Option<Progress>,
    /// What came of it, where its kind tells.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// The latest failure.
    error: Option<String>,
    /// Who asked for it: the id of a person or key.
    requested_by: Option<String>,
    /// The task that asked for it, where one did.
    parent: Option<TaskId>,
    /// Whether it is to be called off.
    cancel_requested: bool,
    created_at: Timestamp,
    /// When it goes on, while it waits.
    due: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// Of an upload that is done: readings and events in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Of an upload that is done: how many of them were new.
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<u64>,
    /// Of an upload that is done: how many of its readings their streams did not take, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u64>,
    /// Which those were, by stream and reason; of very many the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<Refusal>,
}

/// Which tasks a list is of.
fn filter(
    status: Option<TaskStatus>,
    kind: Option<&str>,
    created_after: Option<Timestamp>,
) -> Result<TaskFilter, Problem> {
    let kind = kind.map(TaskKind::parse);
    if kind == Some(None) {
        return Err(Problem::new(Kind::BadRequest, "There is no such `kind` of tasks."));
    }
    Ok(TaskFilter {
        status,
        kind: kind.flatten().map(|kind| kind.as_str().to_owned()),
        created_after,
        ..TaskFilter::default()
    })
}

/// The id of a task of either kind.
fn parse(id: &str) -> Result<TaskRef, Problem> {
    id.parse()
        .map_err(|error| Problem::new(Kind::NotFound, format!("Nothing is at this path: {error}.")))
}

/// A task with a row that is still to be seen.
async fn existing(app: &App, org: OrgId, id: TaskId) -> Result<Task, Problem> {
    let now = app.source.now().as_second();
    let found = app.directory.task(Some(org), id).await?;
    found
        .filter(|task| task.expires_at.is_none_or(|at| at > now))
        .ok_or_else(none)
}

/// A task that the caller may retry or call off: they need what its kind needs.
async fn changeable(app: &App, caller: &Caller, org: OrgId, id: &str) -> Result<(Task, Grant), Problem> {
    let TaskRef::Row(id) = parse(id)? else {
        let detail = "An upload is not retried or cancelled: send it again, and what is stored already adds nothing.";
        return Err(Problem::new(Kind::Conflict, detail));
    };
    let task = existing(app, org, id).await?;
    // What the system does of its own accord is for those who run the organisation.
    let needed = task.known_kind().and_then(|kind| kind.policy().permission);
    let grant = caller.require(org, needed.unwrap_or(Permission::MemberManage))?;
    Ok((task, grant))
}

/// A change of a task by somebody, as the journal tells it.
fn change(action: &'static str, task: &Task) -> Change {
    Change::told(Event {
        action,
        resource: task.id.to_string(),
        before: Some(json!({ "kind": task.kind, "status": task.status })),
        after: None,
    })
}

/// Commits a task's next revision with what else belongs to it, and wakes its worker. While the organisation's table opens to nobody, no
/// journal tells of it.
async fn accept(
    app: &App,
    once: &Once,
    grant: &Grant,
    change: Change,
    task: &Task,
) -> Result<Accepted<TaskView>, Problem> {
    let answer = Accepted {
        location: task.path(),
        body: TaskView::row(grant.org(), task.clone()),
    };
    let record = once.record(&answer, app.source.now())?;
    let change = app.directory.remember(change, record)?;
    let table = app.tables.open(grant).ok();
    app.directory
        .commit(table.as_ref(), change)
        .await
        .map_err(ServiceError::from)?;
    app.tasks.wake(task).await;
    Ok(answer)
}

fn not_now(why: NotNow) -> Problem {
    let why = why.to_string();
    let (first, rest) = why.split_at(1);
    Problem::new(Kind::Conflict, format!("{}{rest}.", first.to_uppercase()))
}

fn none() -> Problem {
    Problem::not_found("task, or it ended more than 30 days ago")
}

impl TaskView {
    fn new(id: String, org: OrgId, kind: &str, created_at: Timestamp) -> Self {
        Self {
            id,
            org,
            kind: kind.to_owned(),
            status: TaskStatus::Queued,
            attempts: 0,
            attempts_log: Vec::new(),
            progress: None,
            result: None,
            error: None,
            requested_by: None,
            parent: None,
            cancel_requested: false,
            created_at,
            due: None,
            finished_at: None,
            count: None,
            added: None,
            refused: None,
            refusals: Vec::new(),
        }
    }

    /// A task with a row.
    pub(crate) fn row(org: OrgId, task: Task) -> Self {
        let view = Self::new(task.id.to_string(), org, &task.kind, task.created_at);
        Self {
            status: task.status,
            attempts: task.attempts,
            attempts_log: task.log,
            progress: task.progress,
            result: task.result,
            error: task.error,
            requested_by: Some(task.requested_by),
            parent: task.parent,
            cancel_requested: task.cancel_requested,
            due: task.due,
            finished_at: task.finished_at,
            ..view
        }
    }

    /// An upload: queued until its outcome is recorded.
    fn upload(org: OrgId, id: &SignedTaskId, outcome: Option<UploadOutcome>) -> Self {
        let millis = i64::try_from(id.accepted_ms()).unwrap_or_default();
        let created_at = Timestamp::from_millisecond(millis).unwrap_or_default();
        let queued = Self::new(id.to_string(), org, UPLOAD_KIND, created_at);
        let Some(done) = outcome else { return queued };
        let (count, added) = (Some(done.count), Some(done.added));
        let finished_at = Some(done.finished_at);
        Self {
            status: done.status,
            attempts: done.attempts,
            error: done.error,
            finished_at,
            count,
            added,
            refused: Some(done.refused).filter(|count| *count > 0),
            refusals: done.refusals,
            ..queued
        }
    }
}
