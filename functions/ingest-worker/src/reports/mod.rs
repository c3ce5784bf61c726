//! Reports: in order within their group, groups beside each other; their raw bytes archived many to an object.

mod archive;
mod events;
mod fresh;
mod one;

use crate::failure::{Failure, guarded};
use crate::{App, Ended, Job, any_suspect, body};
use domain::reading::ReadingTime;
use domain::reports::{self, Report};
use domain::task::UploadContent;
use futures::{StreamExt, stream};
use std::collections::BTreeMap;

/// How many groups, and how many bodies, are in work at once.
const AT_ONCE: usize = 4;

/// A report read from its message.
struct Read {
    bytes: Vec<u8>,
    report: Report,
    received_at: ReadingTime,
    /// Where its bytes are archived.
    archive: Option<String>,
}

/// A message with its report; none where an earlier delivery was worked on to its end.
type Reading<'a> = (Job<'a>, Result<Option<Read>, Failure>);

/// Stores uploads of reports.
pub async fn store_all(app: &App, jobs: Vec<Job<'_>>) -> Vec<Ended> {
    let at_once = if any_suspect(jobs.iter()) { 1 } else { AT_ONCE };
    let read = stream::iter(jobs).map(async |job| {
        let report = guarded(read(app, &job)).await;
        (job, report)
    });
    let mut read: Vec<_> = read.buffered(AT_ONCE).collect().await;
    archive::archive(app, &mut read).await;
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (job, report) in read {
        let group = (job.message.org, job.delivery.group.clone());
        groups.entry(group).or_default().push((job, report));
    }
    let groups = stream::iter(groups.into_values()).map(|group| store_group(app, group));
    groups.buffer_unordered(at_once).collect::<Vec<_>>().await.concat()
}

async fn read(app: &App, job: &Job<'_>) -> Result<Option<Read>, Failure> {
    let UploadContent::Report { format, received_at } = job.message.content else {
        return Err(Failure::broken("not a report"));
    };
    if job.is_done().await? {
        return Ok(None);
    }
    let bytes = body::fetch(app, &job.message).await?;
    Ok(Some(Read {
        report: reports::parse(format, &bytes).map_err(Failure::never)?,
        received_at: ReadingTime::try_from(received_at).map_err(Failure::never)?,
        bytes,
        archive: None,
    }))
}

/// Stores the reports of a group one after the other, up to the first that must come again.
async fn store_group(app: &App, group: Vec<Reading<'_>>) -> Vec<Ended> {
    let mut ended: Vec<Ended> = Vec::new();
    let mut blocked = false;
    for (job, read) in group {
        let result = match read {
            _ if blocked => Err(Failure::behind()),
            Err(failure) => Err(failure),
            Ok(None) => Ok(()),
            Ok(Some(read)) => guarded(one::store_report(app, &job, read)).await,
        };
        if result.is_ok() {
            body::forget(app, &job.message).await;
        }
        blocked |= Failure::blocks(&result, job.delivery);
        ended.push((job.place, result));
    }
    ended
}
