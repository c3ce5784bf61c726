//! Writing an upload's blocks, after the notes that its streams exist.

use crate::failure::Failure;
use crate::{App, Job};
use aws_dynamodb::{Stream, StreamBlocks};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

/// How many streams are noted at once.
const NOTES_AT_ONCE: usize = 16;

/// Writes blocks; how many readings they have.
pub async fn store(app: &App, job: &Job<'_>, streams: Vec<StreamBlocks>) -> Result<u64, Failure> {
    let notes = stream::iter(&streams).map(|stream| Ok(note(app, job, stream)));
    notes.try_buffer_unordered(NOTES_AT_ONCE).try_collect::<()>().await?;
    let counts = streams.iter().flat_map(|stream| &stream.blocks);
    let count = counts.map(|block| block.summary.count).sum();
    job.table.put_blocks(job.message.device, streams).await?;
    Ok(count)
}

async fn note(app: &App, job: &Job<'_>, stream: &StreamBlocks) -> Result<(), Failure> {
    let message = &job.message;
    let span = span(stream);
    let key = (message.org, job.generation, message.device, stream.variable.clone());
    if app.streams.covers(&key, span) {
        return Ok(());
    }
    let accepted = i64::try_from(message.task.accepted_ms()).unwrap_or(i64::MAX);
    let note = Stream {
        variable: stream.variable.clone(),
        created_at: Timestamp::from_millisecond(accepted).map_err(Failure::broken)?,
        span,
    };
    job.table.note_stream(message.device, &note).await?;
    app.streams.remember(key, span);
    Ok(())
}

/// The length of the longest block, rounded up to a power of two so that it seldom grows.
fn span(stream: &StreamBlocks) -> i64 {
    let spans = stream.blocks.iter().map(|block| {
        let (first, last) = (block.summary.first.time, block.summary.last.time);
        last.saturating_sub(first).cast_unsigned().next_power_of_two()
    });
    spans.max().map_or(0, |span| i64::try_from(span).unwrap_or(i64::MAX))
}
