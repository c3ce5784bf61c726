//! Writing an upload's blocks, of what its streams take, after the notes that its streams exist, and that readings of them are dated in the future.

use crate::admission::{Admitted, Refused, TOLERANCE, admit};
use crate::failure::Failure;
use crate::filters::{self, News};
use crate::{App, Job, settings};
use aws_dynamodb::{Stream, StreamBlocks};
use blocks::Acceptance;
use domain::reading::ReadingTime;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};

/// How many streams are noted at once.
const NOTES_AT_ONCE: usize = 16;
/// By how much a later time must exceed the one noted to be noted again, so that a clock that is always ahead costs no write an upload.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// What became of an upload's readings.
pub struct Stored {
    /// How many were written.
    pub added: u64,
    /// What their streams did not take.
    pub refused: Refused,
    /// What is told to the streams' filters.
    pub news: Vec<News>,
}

/// Writes blocks, of what their streams take.
pub async fn store(app: &App, job: &Job<'_>, streams: Vec<StreamBlocks>) -> Result<Stored, Failure> {
    let laid = settings::of(&app.known.settings, job, &streams).await?;
    let acceptance = Acceptance(job.message.task.ulid().0);
    let Admitted { streams, refused } = admit(streams, &laid, (acceptance, accepted(job)?))?;
    let notes = stream::iter(&streams).map(|stream| Ok(note(app, job, stream)));
    notes.try_buffer_unordered(NOTES_AT_ONCE).try_collect::<()>().await?;
    let news = filters::news(job, &streams)?;
    let counts = streams.iter().flat_map(|stream| &stream.blocks);
    let added = counts.map(|block| block.summary.count).sum();
    job.table.put_blocks(job.message.device, streams).await?;
    Ok(Stored { added, refused, news })
}

fn accepted(job: &Job<'_>) -> Result<Timestamp, Failure> {
    let accepted = i64::try_from(job.message.task.accepted_ms()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(accepted).map_err(Failure::broken)
}

async fn note(app: &App, job: &Job<'_>, stream: &StreamBlocks) -> Result<(), Failure> {
    let accepted = accepted(job)?;
    note_stream(app, job, stream, accepted).await?;
    note_future(app, job, stream, accepted).await
}

async fn note_stream(app: &App, job: &Job<'_>, stream: &StreamBlocks, accepted: Timestamp) -> Result<(), Failure> {
    let span = span(stream);
    let key = (job.device(), stream.variable.clone());
    if app.known.spans.covers(&key, span) {
        return Ok(());
    }
    let note = Stream {
        variable: stream.variable.clone(),
        created_at: accepted,
        span,
        compacted: None,
        archived: None,
    };
    job.table.note_stream(job.message.device, &note).await?;
    app.known.spans.remember(key, span);
    Ok(())
}

async fn note_future(app: &App, job: &Job<'_>, stream: &StreamBlocks, accepted: Timestamp) -> Result<(), Failure> {
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
    let spans = stream.blocks.iter().map(|block| {
        let (first, last) = (block.summary.first.time, block.summary.last.time);
        last.saturating_sub(first).cast_unsigned().next_power_of_two()
    });
    spans.max().map_or(0, |span| i64::try_from(span).unwrap_or(i64::MAX))
}
