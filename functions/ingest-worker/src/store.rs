//! Writing blocks of what streams take, after the notes that the streams exist, and that readings of them are dated in the future.
//!
//! What several uploads of a batch bring of one stream becomes as few blocks as it can: DynamoDB bills each by the kilobyte begun. Their keys follow from what
//! is in them, and each reading keeps its acceptance, so that an upload that comes again, with the same ones or with others, adds nothing.

use crate::admission::{Admitted, Refused, TOLERANCE, admit};
use crate::failure::Failure;
use crate::filters::{self, News};
use crate::{App, Job, settings};
use aws_dynamodb::{Stream, StreamBlocks};
use blocks::compaction::execute;
use blocks::{Acceptance, BlockError, MAX_READINGS, StoredBlock};
use domain::reading::{ReadingTime, VariableName};
use futures::future::try_join;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How many streams are noted at once.
const NOTES_AT_ONCE: usize = 16;
/// How many readings of a stream are merged at once, at some 150 bytes each.
const MERGED_AT_ONCE: u64 = 32_768;
/// By how much a later time must exceed the one noted to be noted again, so that a clock that is always ahead costs no write an upload.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// What becomes of an upload's readings.
pub struct Stored {
    /// How many are written.
    pub added: u64,
    /// What their streams did not take.
    pub refused: Refused,
    /// What is told to the streams' filters.
    pub news: Vec<News>,
}

/// Writes an upload's blocks, of what their streams take.
pub async fn store(app: &App, job: &Job<'_>, streams: Vec<StreamBlocks>) -> Result<Stored, Failure> {
    let (stored, streams) = prepare(app, job, streams).await?;
    write(app, job, vec![streams]).await?;
    Ok(stored)
}

/// What an upload's streams take of its blocks, and what becomes of the upload once those are written.
pub async fn prepare(
    app: &App,
    job: &Job<'_>,
    streams: Vec<StreamBlocks>,
) -> Result<(Stored, Vec<StreamBlocks>), Failure> {
    let laid = settings::of(&app.known.settings, job, &streams).await?;
    let acceptance = Acceptance(job.message.task.ulid().0);
    let Admitted { streams, refused } = admit(streams, &laid, (acceptance, accepted(job)?))?;
    let notes = stream::iter(&streams).map(|stream| Ok(note_future(app, job, stream)));
    notes.try_buffer_unordered(NOTES_AT_ONCE).try_collect::<()>().await?;
    let news = filters::news(job, &streams)?;
    let counts = streams.iter().flat_map(|stream| &stream.blocks);
    let added = counts.map(|block| block.summary.count).sum();
    Ok((Stored { added, refused, news }, streams))
}

/// Writes the blocks of uploads of one device, of which that is the first.
pub async fn write(app: &App, job: &Job<'_>, uploads: Vec<Vec<StreamBlocks>>) -> Result<(), Failure> {
    let (single, merged) = together(uploads).map_err(Failure::broken)?;
    let streams = stream::iter(single.iter().chain(&merged));
    let notes = streams.map(|stream| Ok(note_stream(app, job, stream)));
    notes.try_buffer_unordered(NOTES_AT_ONCE).try_collect::<()>().await?;
    let (table, device) = (&job.table, job.message.device);
    try_join(
        table.put_blocks(device, single),
        table.put_merged_blocks(device, merged),
    )
    .await?;
    Ok(())
}

/// The streams that one upload has readings of, as they are, and those of several, merged.
fn together(uploads: Vec<Vec<StreamBlocks>>) -> Result<(Vec<StreamBlocks>, Vec<StreamBlocks>), BlockError> {
    let mut streams: BTreeMap<VariableName, Vec<StreamBlocks>> = BTreeMap::new();
    for stream in uploads.into_iter().flatten() {
        streams.entry(stream.variable.clone()).or_default().push(stream);
    }
    let (mut single, mut merged) = (Vec::new(), Vec::new());
    for (variable, parts) in streams {
        if parts.len() == 1 {
            single.extend(parts);
        } else {
            let blocks = merge(parts.into_iter().flat_map(|part| part.blocks).collect())?;
            merged.push(StreamBlocks { variable, blocks });
        }
    }
    Ok((single, merged))
}

/// Fewer blocks that amount to the same, whatever order they come in.
fn merge(mut blocks: Vec<StoredBlock>) -> Result<Vec<StoredBlock>, BlockError> {
    blocks.sort_by_key(|block| (block.summary.first.time, block.accepted));
    let (mut merged, mut some, mut count) = (Vec::new(), Vec::new(), 0);
    for block in &blocks {
        if count > 0 && count + block.summary.count > MERGED_AT_ONCE {
            merged.extend(execute(&some, MAX_READINGS)?);
            (some, count) = (Vec::new(), 0);
        }
        some.push(block);
        count += block.summary.count;
    }
    merged.extend(execute(&some, MAX_READINGS)?);
    Ok(merged)
}

fn accepted(job: &Job<'_>) -> Result<Timestamp, Failure> {
    let accepted = i64::try_from(job.message.task.accepted_ms()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(accepted).map_err(Failure::broken)
}

async fn note_stream(app: &App, job: &Job<'_>, stream: &StreamBlocks) -> Result<(), Failure> {
    let span = span(stream);
    let key = (job.device(), stream.variable.clone());
    if app.known.spans.covers(&key, span) {
        return Ok(());
    }
    let note = Stream::new(stream.variable.clone(), accepted(job)?, span);
    job.table.note_stream(job.message.device, &note).await?;
    app.known.spans.remember(key, span);
    Ok(())
}

async fn note_future(app: &App, job: &Job<'_>, stream: &StreamBlocks) -> Result<(), Failure> {
    let accepted = accepted(job)?;
    let lasts = stream.blocks.iter().map(|block| block.summary.last.time);
    let Some(latest) = lasts.max().filter(|latest| is_ahead(*latest, accepted)) else {
        return Ok(());
    };
    let key = (job.device(), stream.variable.clone());
    if app.known.futures.covers(&key, latest) {
        return Ok(());
    }
    let time = ReadingTime::from_nanos(latest).map_err(Failure::broken)?;
    let (device, table) = (job.message.device, &job.table);
    table
        .note_future_reading(device, &stream.variable, time, accepted)
        .await?;
    app.known
        .futures
        .remember(key, latest.saturating_add(nanoseconds(SLACK)));
    Ok(())
}

fn is_ahead(latest: i64, accepted: Timestamp) -> bool {
    i128::from(latest) > accepted.as_nanosecond() + TOLERANCE.as_nanos()
}

fn nanoseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// The length of the longest block, rounded up to a power of two so that it seldom grows.
fn span(stream: &StreamBlocks) -> i64 {
    let spans = stream.blocks.iter().map(|block| block.summary.span());
    let spans = spans.map(|span| span.cast_unsigned().next_power_of_two());
    spans.max().map_or(0, |span| i64::try_from(span).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::blocks_of;
    use blocks::{Reading, Status};

    fn upload(variable: &str, times: std::ops::Range<i64>, accepted_ms: u64) -> Vec<StreamBlocks> {
        let reading = |time| Reading {
            time,
            value: accepted_ms as f64,
            status: Status::Clean,
            id: None,
        };
        let accepted = Acceptance::from_millis(accepted_ms);
        vec![blocks_of(variable.parse().unwrap(), times.map(reading).collect(), accepted).unwrap()]
    }

    fn sizes(streams: &[StreamBlocks]) -> Vec<(&str, Vec<u64>)> {
        let counts = |stream: &StreamBlocks| stream.blocks.iter().map(|block| block.summary.count).collect();
        streams
            .iter()
            .map(|stream| (stream.variable.as_str(), counts(stream)))
            .collect()
    }

    #[test]
    fn what_several_uploads_bring_of_a_stream_becomes_one_block_and_the_latest_wins() {
        let uploads = [
            upload("oil", 0..10, 3),
            upload("oil", 5..15, 1),
            upload("air", 0..10, 2),
        ];
        let (single, merged) = together(uploads.to_vec()).unwrap();
        assert_eq!(sizes(&single), [("air", vec![10])]);
        assert_eq!(sizes(&merged), [("oil", vec![15])]);
        let readings = merged[0].blocks[0].decode_accepted().unwrap();
        let kept: Vec<_> = readings.iter().map(|it| (it.millis, it.reading.value)).collect();
        assert_eq!(kept, [[(3, 3.0); 10].as_slice(), &[(1, 1.0); 5]].concat());
        // In another order it is the same block.
        let again = together(uploads.iter().rev().cloned().collect()).unwrap();
        assert_eq!(again.1, merged);
    }

    #[test]
    fn no_more_is_merged_at_once_than_there_is_memory_for() {
        let uploads = (0..10)
            .map(|n| upload("oil", n * 10_000..(n + 1) * 10_000, 1))
            .collect();
        let (_, merged) = together(uploads).unwrap();
        assert_eq!(sizes(&merged), [("oil", vec![10_000; 10])]);
    }
}
