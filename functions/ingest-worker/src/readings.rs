//! Readings: any number of them at once, in any order; the blocks of a device's uploads together, one item of outcomes for all of an organisation's.

use crate::failure::{Failure, guarded};
use crate::filters::{self, News, Stream};
use crate::store;
use crate::{App, Ended, Job, any_suspect, body};
use aws_dynamodb::{StreamBlocks, UploadOutcome};
use blocks::{Acceptance, StoredBlock, Summary};
use domain::packed::PackedReadings;
use domain::task::TaskStatus;
use domain::{DeviceId, OrgId};
use futures::{FutureExt, StreamExt, stream};
use std::collections::BTreeMap;

/// How many uploads are stored at once: what keeps the database busy, and some of their bodies in memory.
const AT_ONCE: usize = 8;

/// Stores uploads of readings.
pub async fn store_all(app: &App, jobs: Vec<Job<'_>>) -> Vec<Ended> {
    if !any_suspect(jobs.iter()) {
        return store_together(app, jobs).boxed_local().await;
    }
    let mut ended = Vec::new();
    for job in jobs {
        ended.extend(store_together(app, vec![job]).boxed_local().await);
    }
    ended
}

async fn store_together(app: &App, jobs: Vec<Job<'_>>) -> Vec<Ended> {
    let prepared = stream::iter(jobs).map(async |job| {
        let prepared = guarded(prepare(app, &job)).await;
        (job, prepared)
    });
    let mut ended = Vec::new();
    let mut by_device: BTreeMap<(OrgId, DeviceId), Vec<_>> = BTreeMap::new();
    for (job, prepared) in prepared.buffered(AT_ONCE).collect::<Vec<_>>().await {
        let device = (job.message.org, job.message.device);
        match prepared {
            Ok(prepared) => by_device.entry(device).or_default().push((job, prepared)),
            Err(failure) => ended.push((job.place, Err(failure))),
        }
    }
    let written = stream::iter(by_device.into_values()).map(|uploads| write(app, uploads).boxed_local());
    let mut by_org: BTreeMap<OrgId, Vec<_>> = BTreeMap::new();
    for (job, stored) in written
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .flatten()
    {
        match stored {
            Ok(stored) => by_org.entry(job.message.org).or_default().push((job, stored)),
            Err(failure) => ended.push((job.place, Err(failure))),
        }
    }
    for jobs in by_org.into_values() {
        let (jobs, failed) = filtered(app, jobs).await;
        ended.extend(failed);
        ended.extend(record(app, jobs).await);
    }
    ended
}

/// An upload with its outcome, which is to be recorded where it has not been.
type Done<'a> = (Job<'a>, Option<UploadOutcome>);

/// Lets the readings of one organisation's uploads go through their filters, all of them together. Those with readings of a stream that failed
/// come again.
async fn filtered<'a>(app: &App, mut jobs: Vec<(Job<'a>, Option<Stored>)>) -> (Vec<Done<'a>>, Vec<Ended>) {
    let news = jobs.iter_mut().filter_map(|(_, stored)| stored.as_mut());
    let news: Vec<_> = news.flat_map(|stored| std::mem::take(&mut stored.news)).collect();
    let table = jobs.first().map(|(job, _)| job.table.clone());
    let failed = match table {
        Some(table) => filters::run(app, &table, news.into_iter()).boxed_local().await,
        None => BTreeMap::new(),
    };
    let (mut done, mut ended) = (Vec::new(), Vec::new());
    for (job, stored) in jobs {
        let streams = stored.iter().flat_map(|stored| &stored.streams);
        match streams.filter_map(|stream| failed.get(stream)).next() {
            Some(failure) => ended.push((job.place, Err(failure.clone()))),
            None => done.push((job, stored.map(|stored| stored.outcome))),
        }
    }
    (done, ended)
}

/// An upload, as it is once its blocks are written.
struct Stored {
    outcome: UploadOutcome,
    /// What its filters have not seen yet, once.
    news: Vec<News>,
    /// The streams that may have one.
    streams: Vec<Stream>,
}

/// An upload with its blocks, which are to be written; none where its outcome has been recorded before.
type Prepared<'a> = (Job<'a>, Option<(Stored, Vec<StreamBlocks>)>);

/// Writes the blocks of uploads of one device. Where that fails, all of them come again.
async fn write<'a>(app: &App, mut uploads: Vec<Prepared<'a>>) -> Vec<(Job<'a>, Result<Option<Stored>, Failure>)> {
    let blocks = uploads.iter_mut().filter_map(|(_, prepared)| prepared.as_mut());
    let blocks: Vec<_> = blocks.map(|(_, streams)| std::mem::take(streams)).collect();
    let written = match uploads.first() {
        Some((job, _)) if !blocks.is_empty() => guarded(store::write(app, job, blocks)).await,
        _ => Ok(()),
    };
    let stored = |prepared: Option<(Stored, _)>| match prepared {
        Some((stored, _)) => written.clone().map(|()| Some(stored)),
        None => Ok(None),
    };
    uploads
        .into_iter()
        .map(|(job, prepared)| (job, stored(prepared)))
        .collect()
}

/// What is to be written of one upload, unless its outcome has been recorded before.
async fn prepare(app: &App, job: &Job<'_>) -> Result<Option<(Stored, Vec<StreamBlocks>)>, Failure> {
    if job.is_done().await? {
        return Ok(None);
    }
    let bytes = body::fetch(app, &job.message).await?;
    let streams = unpack(&bytes, Acceptance(job.message.task.ulid().0))?;
    let (store::Stored { added, refused, news }, streams) = store::prepare(app, job, streams).await?;
    let outcome = app.outcome(&job.message, job.delivery, TaskStatus::Succeeded);
    let stored = Stored {
        outcome: UploadOutcome {
            added,
            refused: refused.count,
            refusals: refused.told,
            ..outcome
        },
        streams: news.iter().map(|news| news.stream.clone()).collect(),
        news,
    };
    Ok(Some((stored, streams)))
}

/// The blocks of an upload, each with its summary.
fn unpack(bytes: &[u8], accepted: Acceptance) -> Result<Vec<StreamBlocks>, Failure> {
    let block = |bytes: Vec<u8>| {
        let readings = blocks::decode(&bytes).map_err(Failure::broken)?;
        let summary = Summary::of(&readings).ok_or_else(|| Failure::broken("an empty block"))?;
        Ok(StoredBlock {
            summary,
            accepted,
            bytes,
            away: None,
        })
    };
    let streams = PackedReadings::from_bytes(bytes)
        .map_err(Failure::broken)?
        .into_streams();
    let stream = |(variable, blocks): (_, Vec<Vec<u8>>)| {
        let blocks = blocks.into_iter().map(block).collect::<Result<_, Failure>>()?;
        Ok(StreamBlocks { variable, blocks })
    };
    streams.map(stream).collect()
}

/// Records the outcomes of one organisation's uploads, and lets go of their bodies.
async fn record(app: &App, jobs: Vec<(Job<'_>, Option<UploadOutcome>)>) -> Vec<Ended> {
    let outcomes: Vec<_> = jobs.iter().filter_map(|(_, outcome)| outcome.clone()).collect();
    let recorded = match jobs.first() {
        Some((job, _)) if !outcomes.is_empty() => guarded(async { Ok(job.table.put_outcomes(&outcomes).await?) }).await,
        _ => Ok(()),
    };
    let mut ended = Vec::new();
    for (job, outcome) in jobs {
        let result = if outcome.is_some() { recorded.clone() } else { Ok(()) };
        if result.is_ok() {
            body::forget(app, &job.message).await;
        }
        ended.push((job.place, result));
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::{Reading, Status};

    #[test]
    fn what_telemetry_packs_becomes_blocks_with_their_sums() {
        let reading = |n: i64| Reading {
            time: n,
            value: n as f64,
            status: Status::Clean,
            id: None,
        };
        let stream = |name: &str, first: i64| (name.parse().unwrap(), (first..10).step_by(2).map(reading).collect());
        let sent = [stream("s0", 0), stream("s1", 1)].into();
        let bytes = PackedReadings::pack(sent).unwrap().to_bytes().unwrap();
        let streams = unpack(&bytes, Acceptance(7)).unwrap();
        let sums: Vec<_> = streams
            .iter()
            .map(|stream| (stream.variable.as_str(), stream.blocks[0].summary.sum))
            .collect();
        assert_eq!(sums, [("s0", 20.0), ("s1", 25.0)]);
        assert!(streams.iter().all(|stream| stream.blocks[0].accepted == Acceptance(7)));
        assert!(matches!(unpack(&bytes[1..], Acceptance(7)), Err(Failure::Never(_))));
    }
}
