//! What a report tells that is not stored yet.

use super::Read;
use crate::admission::blocks_of;
use crate::failure::Failure;
use aws_dynamodb::{StreamBlocks, Streamer};
use blocks::{Acceptance, Reading};
use domain::reading::{ReadingTime, VariableName};
use domain::reports::{Event, event_times, fix_times};
use std::collections::BTreeMap;

/// The news of a report.
#[derive(Debug, PartialEq)]
pub struct Fresh {
    /// Its readings, as blocks.
    pub streams: Vec<StreamBlocks>,
    /// Its events, each with its time.
    pub events: Vec<(Event, ReadingTime)>,
    /// What is known of the streamer once they are stored.
    pub streamer: Streamer,
}

/// What a report adds to what is known of its streamer. Depends on nothing but its arguments, so that a repetition makes the same items.
pub fn fresh(read: &Read, streamer: &Streamer, accepted: Acceptance) -> Result<Fresh, Failure> {
    let Read {
        report, received_at, ..
    } = read;
    let previous = streamer.clock.as_ref();
    let fixed = fix_times(report, *received_at, previous).map_err(Failure::never)?;
    let times = event_times(report, *received_at, previous).map_err(Failure::never)?;
    let is_new = |id: u32| id == 0 || !streamer.stored.contains(id);
    let mut streams: BTreeMap<VariableName, Vec<Reading>> = BTreeMap::new();
    for timed in fixed
        .readings
        .iter()
        .filter(|timed| is_new(timed.reading.id.unwrap_or(0)))
    {
        streams.entry(timed.variable()).or_default().push(timed.reading);
    }
    let events = report.events.iter().cloned().zip(times);
    let events = events.filter(|(event, _)| is_new(event.id)).collect();
    let mut stored = streamer.stored.clone();
    if let Some(ids) = report.covered() {
        stored.insert(ids);
    }
    Ok(Fresh {
        streams: streams
            .into_iter()
            .map(|(variable, readings)| blocks_of(variable, readings, accepted))
            .collect::<Result<_, _>>()?,
        events,
        streamer: Streamer {
            stored,
            clock: fixed.clock,
            version: streamer.version + 1,
        },
    })
}

#[cfg(test)]
mod tests;
