//! One report, from its bytes to its outcome.

use super::Read;
use super::fresh::fresh;
use crate::failure::Failure;
use crate::store::store;
use crate::{App, Job};
use aws_dynamodb::{Refused, UploadOutcome};
use blocks::Acceptance;
use domain::ServiceError;
use domain::task::TaskStatus;

/// Stores what is new in a report, then records that it is in.
pub async fn store_report(app: &App, job: &Job<'_>, read: Read) -> Result<(), Failure> {
    let (device, index, task) = (job.message.device, read.report.streamer, &job.message.task);
    let streamer = job.table.streamer(device, index).await?;
    let fresh = fresh(&read, &streamer, Acceptance(task.ulid().0))?;
    let events = fresh.events.len() as u64;
    let readings = store(app, job, fresh.streams).await?;
    job.table.put_events(device, task.ulid(), &fresh.events).await?;
    let outcome = UploadOutcome {
        added: readings + events,
        archive: read.archive,
        ..app.outcome(&job.message, job.delivery, TaskStatus::Succeeded)
    };
    match job.table.report_is_in(device, index, &fresh.streamer, &outcome).await {
        Ok(()) => Ok(()),
        Err(Refused::Service(error)) => Err(error.into()),
        // Another delivery of it was faster, or another report came between: the next delivery begins from its state.
        Err(Refused::Write(_)) if job.has_succeeded().await? => Ok(()),
        Err(Refused::Write(_)) => Err(ServiceError::Busy("the streamer changed meanwhile".to_owned()).into()),
    }
}
