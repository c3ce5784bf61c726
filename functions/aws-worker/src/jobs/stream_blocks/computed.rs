//! The readings of a computed stream: its formula's inputs gone through together, as far as all of them are read.

use super::{bounded, broken, scaled, settings_of, stored};
use aws_dynamodb::{OrgTable, Stream};
use blocks::{Hole, Reading, StoredBlock, last_times_of};
use domain::formula::{Formula, HELD, Steps};
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, ServiceError};
use futures::future::try_join_all;

/// Blocks that are read at once for what an input held: the second tells that the first is later, as a rule.
const PAGE: usize = 2;

/// Some readings from a time on, before another, and from which time to go on; none after the last.
pub(super) async fn readings(
    table: &OrgTable,
    (device, formula): (DeviceId, &Formula),
    (from, end): (i64, i64),
) -> Result<(Vec<Reading>, Option<i64>), ServiceError> {
    let parts = formula.inputs().iter();
    let parts = parts.map(|variable| input(table, (device, variable), (from, end)));
    let parts = try_join_all(parts).await?;
    let next = parts.iter().filter_map(|part| part.next).min();
    // Nothing is computed before each of them has had a reading, nor at all where one has none.
    let firsts = parts.iter().map(Part::first);
    let Some(first) = firsts
        .collect::<Option<Vec<_>>>()
        .and_then(|firsts| firsts.into_iter().max())
    else {
        return Ok((Vec::new(), None));
    };
    let (held, mut each): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.held, part.readings)).unzip();
    let complete = next.unwrap_or(end);
    each.iter_mut()
        .for_each(|of| of.retain(|reading| reading.time < complete));
    let found = Steps::new(formula, held).over(&each);
    Ok((found, next.map(|next| next.max(first)).filter(|next| *next < end)))
}

/// What is known of an input.
#[derive(Default)]
struct Part {
    /// What it held before the time.
    held: Option<Reading>,
    readings: Vec<Reading>,
    /// From which time on there are more.
    next: Option<i64>,
}

impl Part {
    /// No later than its first value; none where it has none.
    fn first(&self) -> Option<i64> {
        let held = self.held.or(self.readings.first().copied());
        held.map(|reading| reading.time).or(self.next)
    }
}

async fn input(table: &OrgTable, of: (DeviceId, &VariableName), (from, end): (i64, i64)) -> Result<Part, ServiceError> {
    let (device, variable) = of;
    let Some(stream) = table.stream(device, variable).await? else {
        return Ok(Part::default());
    };
    let settings = settings_of(table, of).await?;
    if settings.formula.is_some() {
        let why = format!("{variable}, which the stream is computed from, is computed itself");
        return Err(ServiceError::Failed(why));
    }
    let of = (device, &stream, &settings);
    let (readings, next) = stored(table, of, (from, end)).await?;
    let held = newest(table, of, from).await?;
    let told = |reading| scaled(reading, settings.output_scale);
    Ok(Part {
        held: held.map(told),
        readings: readings.into_iter().map(told).collect(),
        next,
    })
}

/// The newest reading before a time, if it still holds then.
async fn newest(
    table: &OrgTable,
    (device, stream, settings): (DeviceId, &Stream, &StreamSettings),
    before: i64,
) -> Result<Option<Reading>, ServiceError> {
    let holes: Vec<Hole> = settings.holes(table.now());
    let from = before.saturating_sub(HELD).max(0);
    let Some(last_times) = last_times_of(from, before) else {
        return Ok(None);
    };
    let lasts = (from, (*last_times.end()).min(before.saturating_add(stream.span)));
    let (mut blocks, mut after) = (Vec::<StoredBlock>::new(), None);
    loop {
        let order = (false, after.as_ref());
        let mut page = table.blocks(device, &stream.variable, lasts, order, PAGE).await?;
        // What has not been read ends no later than this.
        let border = page.blocks.last().map_or(before, |block| block.summary.last.time);
        table.fetch(&mut page.blocks).await?;
        for block in page.blocks {
            blocks.extend(block.without(&holes).map_err(|error| broken(device, &error))?);
        }
        let complete = if page.next.is_some() {
            border.saturating_add(1)
        } else {
            from
        };
        let found = blocks::read(&blocks, complete.max(from), before).map_err(|error| broken(device, &error))?;
        if !found.is_empty() || page.next.is_none() {
            return Ok(found.last().copied());
        }
        bounded(device, &blocks)?;
        after = page.next;
    }
}
