//! GET /v1/orgs/{org}/tasks/{task}/file: the file that a task has made.

use super::{existing, none, parse};
use crate::App;
use axum::extract::State;
use domain::task::{LINK_LASTS, Task, TaskFile, TaskRef, TaskStatus};
use domain::{OrgId, Permission};
use http_api::{Authenticated, Json, Kind, Path, Problem, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// Where to download a file.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FileView {
    /// A link that needs no credentials: whoever has it can download the file until it expires.
    url: String,
    /// Until when a download may begin; asking again gives another link.
    expires_at: Timestamp,
    /// The size of the file.
    bytes: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    sha256: String,
}

/// Get a link to the file that a task has made, such as an export. It needs the permission that asking for such a task needs. Files are kept for
/// seven days after the task's end, that of an organisation that was closed until 30 days after its deletion.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/tasks/{task}/file", operation_id = "getTaskFile", tag = "tasks",
    params(("org" = OrgId, Path), ("task" = String, Path)),
    responses(
        (status = 200, body = FileView),
        (status = 409, description = "The task has not succeeded, or not yet"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, task)): Path<(OrgId, String)>,
) -> Result<Json<FileView>, Problem> {
    caller.require(org, Permission::TaskRead)?;
    let TaskRef::Row(id) = parse(&task)? else {
        return Err(none());
    };
    let task = existing(&app, org, id).await?;
    let needed = task.known_kind().and_then(|kind| kind.policy().permission);
    caller.require(org, needed.unwrap_or(Permission::MemberManage))?;
    let now = app.source.now();
    let file = downloadable(&task, now)?;
    let url = app.storage.link(&file.key, now, LINK_LASTS).await?;
    let TaskFile { bytes, sha256, .. } = file;
    let expires_at = now + LINK_LASTS;
    Ok(Json(FileView {
        url,
        expires_at,
        bytes,
        sha256,
    }))
}

fn downloadable(task: &Task, now: Timestamp) -> Result<TaskFile, Problem> {
    if task.status != TaskStatus::Succeeded {
        let detail = format!(
            "The task is {}: there is a file once it has succeeded.",
            task.status.as_str()
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let kept = |file: &TaskFile| task.finished_at.is_some_and(|at| now < at + file.kept());
    let file = task.file().filter(kept);
    file.ok_or_else(|| Problem::not_found("file: the task has made none, or it was kept for its time"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TaskId;
    use domain::task::TaskKind;
    use jiff::SignedDuration;
    use serde_json::json;

    #[test]
    fn a_file_is_there_from_the_tasks_success_for_seven_days() {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let id: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let queued = Task::queued(id, org, TaskKind::ExportJournal, "usr_1", at);
        let kind = |task: &Task, now| downloadable(task, now).map_err(|problem| problem.kind());
        assert_eq!(kind(&queued, at), Err(Kind::Conflict));
        let file = json!({ "key": TaskFile::key_of(org, id, "ndjson.gz"), "bytes": 7, "sha256": "ab" });
        let done = queued.succeed(Some(json!({ "file": file })), at);
        assert_eq!(kind(&done, at).map(|file| file.bytes), Ok(7));
        let week = SignedDuration::from_hours(24 * 7);
        assert_eq!(kind(&done, at + week), Err(Kind::NotFound));
        assert_eq!(kind(&queued.succeed(None, at), at), Err(Kind::NotFound));
    }
}
