//! One report, from its bytes to its outcome.

use super::fresh::fresh;
use super::{Read, events};
use crate::failure::Failure;
use crate::filters;
use crate::store::{Stored, store};
use crate::{App, Job};
use aws_dynamodb::{Refused, UploadOutcome};
use blocks::Acceptance;
use domain::ServiceError;
use domain::task::TaskStatus;
use futures::FutureExt;

/// Stores what is new in a report, lets it go through filters, then records that it is in.
pub async fn store_report(app: &App, job: &Job<'_>, read: Read) -> Result<(), Failure> {
    let (device, index, task) = (job.message.device, read.report.streamer, &job.message.task);
    let streamer = job.table.streamer(device, index).await?;
    let fresh = fresh(&read, &streamer, Acceptance(task.ulid().0))?;
    let Stored { added, refused, news } = store(app, job, fresh.streams).await?;
    let events = events::store(app, job, &fresh.events).await?;
    let failed = filters::run(app, &job.table, news.into_iter()).boxed_local().await;
    if let Some(failure) = failed.into_values().next() {
        return Err(failure);
    }
    let outcome = UploadOutcome {
        added: added + events,
        refused: refused.count,
        refusals: refused.told,
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
