//! Stream filters: once an upload's blocks are written and before its outcome is, its readings go through the filters of their streams.
//!
//! **Which streams.** The organisation's row of variables that have filters is read with its batch, one read unit; where it names none of a batch's
//! variables nothing else is read or done. **In order.** All readings of a stream in a batch go through together, in order of time; what is not
//! newer than the newest that the stream has seen passes by (`domain::filter::Progress`), and so does what is dated more than five minutes
//! after its acceptance: a clock that is wrong must not blind a filter to all that comes before that time.
//!
//! **Nothing lost, nothing twice.** The stream's new place, the log of its transitions, the tasks of their actions and the outbox's notes commit in one
//! transaction over the place before; a crash before it is mended by the redelivered message, which has no outcome yet and so comes here again, and one
//! after it leaves nothing to do. Where there are more transitions than a transaction holds, 100 writes, there are several, each of which
//! is a whole place in the stream. A stream whose filter could not be run fails the uploads with readings of it, and they come again.

mod run;

pub use run::run;

use crate::Job;
use crate::admission::TOLERANCE;
use crate::failure::Failure;
use aws_dynamodb::StreamBlocks;
use blocks::Reading;
use domain::DeviceId;
use domain::reading::VariableName;
use ulid::Ulid;

/// A stream.
pub type Stream = (DeviceId, VariableName);

/// What an upload tells of a stream that may have a filter.
pub struct News {
    /// The stream.
    pub stream: Stream,
    /// Its readings.
    pub readings: Vec<Reading>,
    /// How many filters they have come through.
    pub derived: u8,
    /// The upload: of several readings at one place the latest counts, as it does of those that are stored.
    pub accepted: Ulid,
}

/// What the blocks of an upload tell of streams that may have a filter.
pub fn news(job: &Job<'_>, streams: &[StreamBlocks]) -> Result<Vec<News>, Failure> {
    let filtered = &job.rules()?.filtered;
    let accepted = i64::try_from(job.message.task.accepted_ms()).unwrap_or(i64::MAX);
    let latest = accepted.saturating_add(i64::try_from(TOLERANCE.as_millis()).unwrap_or(0));
    let latest = latest.saturating_mul(1_000_000);
    let streams = streams.iter().filter(|stream| filtered.has(&stream.variable));
    let news = streams.map(|stream| {
        let mut readings = Vec::new();
        for block in &stream.blocks {
            readings.extend(blocks::decode(&block.bytes).map_err(Failure::broken)?);
        }
        readings.retain(|reading| reading.time <= latest);
        Ok(News {
            stream: (job.message.device, stream.variable.clone()),
            readings,
            derived: job.message.derived,
            accepted: job.message.task.ulid(),
        })
    });
    news.collect()
}
