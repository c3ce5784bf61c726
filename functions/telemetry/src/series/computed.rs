//! A computed stream, as blocks that are made while they are read.
//!
//! What a formula gives for a time follows from the readings of a bounded time before it ([`HELD`]), so a reader can begin anywhere, and a place is a
//! time. Forwards, the blocks of all its inputs are gone through together ([`Walk`]); backwards, the newest readings of each are looked up,
//! a few more each time. Blocks that are read of inputs count as read, so that a request reads no more of them than of a stored stream.

use super::input::Input;
use super::walk::{Found, Walk};
use crate::stored::{Blocks, MAX_BLOCKS, Part, Times};
use blocks::{Acceptance, Reading, StoredBlock};
use domain::formula::{Formula, HELD, Steps};
use futures::future::try_join_all;
use http_api::Problem;

/// How many readings of an input are looked up in place of a block that is asked for.
const READINGS_A_BLOCK: usize = 64;
/// Most blocks in the place of which newest readings are looked up at once.
const GREATEST_PAGE: usize = 128;
/// Blocks that it takes to find what an input held before a time, as a rule.
const TO_FIND_ONE: usize = 2;

/// A stream that is computed.
pub struct Computed<'a, S> {
    formula: &'a Formula,
    /// None while one of them has no readings: there is nothing to compute.
    inputs: Option<Vec<Input<S>>>,
    floor: i64,
}

impl<'a, S: Blocks> Computed<'a, S> {
    /// A stream that a formula makes of these, in the order in which it names them. Nothing is shown from before `floor`.
    pub fn new(formula: &'a Formula, inputs: Option<Vec<Input<S>>>, floor: Option<i64>) -> Self {
        Self {
            formula,
            inputs,
            floor: floor.unwrap_or(i64::MIN),
        }
    }

    /// From the beginning of these times on.
    async fn forward(&self, inputs: &[Input<S>], times: Times, limit: usize) -> Result<Found, Problem> {
        let held = try_join_all(inputs.iter().map(|input| input.held(times.start))).await?;
        let missing: Vec<bool> = held.iter().map(Option::is_none).collect();
        let mut walk = Walk::new(inputs, Steps::new(self.formula, held), times);
        walk.begin().await?;
        let start = walk.earliest(&missing);
        let mut found = if start > times.start {
            Found {
                readings: Vec::new(),
                read: walk.read(),
                left: (start < times.end).then_some(Times { start, ..times }),
            }
        } else {
            walk.go(limit).await?
        };
        found.read += inputs.len() * TO_FIND_ONE;
        Ok(found)
    }

    /// From the end of these times back.
    async fn backward(&self, inputs: &[Input<S>], times: Times, limit: usize) -> Result<Found, Problem> {
        let count = limit * READINGS_A_BLOCK;
        let mut each = try_join_all(inputs.iter().map(|input| input.newest(times, count))).await?;
        // Of one that has more, nothing is known before the first of them.
        let cut = each.iter().filter(|of| of.len() >= count).filter_map(|of| of.first());
        let start = cut.map(|first| first.time).max().unwrap_or(times.start);
        // Nothing is held longer than that after the last of any.
        let lasts = each.iter().map(|of| of.last().map_or(times.start, |last| last.time));
        let reach = lasts
            .min()
            .unwrap_or(times.start)
            .saturating_add(HELD)
            .saturating_add(1);
        let held = try_join_all(inputs.iter().map(|input| input.held(start))).await?;
        each.iter_mut()
            .for_each(|of| of.retain(|reading| reading.time >= start));
        let left = Times {
            end: start.min(reach),
            ..times
        };
        Ok(Found {
            readings: Steps::new(self.formula, held).over(&each),
            read: inputs.len() * (limit + 2 * TO_FIND_ONE),
            left: (start > times.start).then_some(left),
        })
    }
}

impl<S: Blocks> Blocks for Computed<'_, S> {
    type Place = i64;

    /// Its blocks do not lie over one another, and are cut where it is asked for.
    fn span(&self) -> i64 {
        0
    }

    async fn page(
        &self,
        (from, to): (i64, i64),
        (ascending, after): (bool, Option<i64>),
        limit: usize,
    ) -> Result<Part<i64>, Problem> {
        let (start, end) = (from.max(self.floor), to.saturating_add(1));
        let mut left = Some(match (ascending, after) {
            (true, after) => Times {
                start: after.unwrap_or(start),
                end,
            },
            (false, after) => Times {
                start,
                end: after.unwrap_or(end),
            },
        });
        let (mut readings, mut read, mut limit) = (Vec::new(), 0, limit.clamp(1, GREATEST_PAGE));
        let inputs = self.inputs.as_deref().unwrap_or_default();
        while let Some(times) = left.filter(|of| of.start < of.end && readings.is_empty() && read < MAX_BLOCKS) {
            let found = match (inputs, ascending) {
                ([], _) => break,
                (inputs, true) => self.forward(inputs, times, limit).await?,
                (inputs, false) => self.backward(inputs, times, limit).await?,
            };
            (readings, read, left) = (found.readings, read + found.read, found.left);
            limit = (limit * 2).min(GREATEST_PAGE);
        }
        let left = left.filter(|of| of.start < of.end && !inputs.is_empty());
        part(readings, read, (ascending, left))
    }

    /// They are made here.
    async fn fetch(&self, _: Vec<&mut StoredBlock>) -> Result<(), Problem> {
        Ok(())
    }
}

/// Readings as blocks, and where the next ones begin.
fn part(readings: Vec<Reading>, read: usize, (ascending, left): (bool, Option<Times>)) -> Result<Part<i64>, Problem> {
    // Nothing else is accepted beside them.
    let mut blocks = StoredBlock::encode_all(readings, Acceptance(0)).map_err(Problem::internal)?;
    if !ascending {
        blocks.reverse();
    }
    Ok(Part {
        blocks,
        read,
        reached: left.map(|left| if ascending { left.start } else { left.end - 1 }),
        next: left.map(|left| if ascending { left.start } else { left.end }),
    })
}
