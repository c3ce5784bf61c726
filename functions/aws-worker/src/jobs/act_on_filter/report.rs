//! Having the stream's readings up to the transition written to a file, and mailing members where it is to be had.
//!
//! The file is the task's that an export of readings is, and follows from this one: accepted again, it is the same. Until it has ended this one waits, looks again,
//! and then mails. Links last too short to be mailed: the mail names the path that gives one to whoever may read readings.

use super::email::{self, Letter};
use crate::App;
use crate::jobs::{Effect, Step};
use domain::filter::Act;
use domain::reading::ReadingTime;
use domain::task::{FileFormat, ReadingsExport, Task, TaskKind, TaskStatus};
use domain::{OrgId, ServiceError, UserId};
use serde_json::json;
use std::time::Duration;

/// An export of a week of one stream takes seconds, once a worker has it.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const NANOS_AN_HOUR: i64 = 3_600_000_000_000;

/// What a report is to hold, and who is to hear of it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub hours: u16,
    pub format: FileFormat,
    pub members: &'a [UserId],
}

pub(super) async fn run(
    app: &App,
    task: &Task,
    (org, act): (OrgId, &Act),
    asked: Asked<'_>,
) -> Result<Step, ServiceError> {
    let export = task.asking(TaskKind::ExportReadings, app.source.now());
    let Some(found) = app.directory.task(Some(org), export.id).await? else {
        let export = export.with_input(json!(readings(act, &asked)));
        app.directory.accept_task(&export).await?;
        app.queue.wake(&export).await;
        return Ok(Step::wait(LOOK_AGAIN));
    };
    match found.status {
        TaskStatus::Queued | TaskStatus::Running => Ok(Step::wait(LOOK_AGAIN)),
        TaskStatus::Failed | TaskStatus::Cancelled => {
            let path = found.path();
            Ok(Step::Refuse(format!("its report was not written: {path} tells why")))
        }
        TaskStatus::Succeeded => {
            let letter = letter(app, act, &asked, &found);
            let mailed = email::run(app, task, (org, asked.members), &letter).await?;
            Ok(told(mailed, act, &found))
        }
    }
}

/// The stream's readings of those hours, that of the transition included.
fn readings(act: &Act, asked: &Asked<'_>) -> ReadingsExport {
    let from = act.fired.time.saturating_sub(i64::from(asked.hours) * NANOS_AN_HOUR);
    ReadingsExport {
        device: act.device,
        variables: vec![act.variable.clone()],
        start: ReadingTime::from_nanos(from).ok(),
        end: ReadingTime::from_nanos(act.fired.time.saturating_add(1)).ok(),
        format: asked.format,
    }
}

fn letter(app: &App, act: &Act, asked: &Asked<'_>, export: &Task) -> Letter {
    let result = export.result.as_ref();
    let many = result
        .and_then(|result| result["readings"].as_u64())
        .unwrap_or_default();
    let span = match asked.hours {
        1 => "the hour".to_owned(),
        hours => format!("the {hours} hours"),
    };
    let more = format!(
        "Its readings of {span} up to then, {many} of them, are in a file. For seven days a link to it is to be had from\n{}",
        app.deployment.link(&format!("{}/file", export.path())),
    );
    ("A report of a stream of yours", email::text(act, &more))
}

/// The end of the task tells where the file is.
fn told(step: Step, act: &Act, export: &Task) -> Step {
    match step {
        Step::Done(effect) => Step::Done(Effect {
            result: Some(json!({ "action": act.action.as_str(), "transition": act.fired.number, "export": export.id })),
            ..effect
        }),
        other => other,
    }
}
