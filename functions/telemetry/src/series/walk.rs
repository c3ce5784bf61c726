//! Going through the inputs of a formula together, from the earliest to the latest.

use super::input::Input;
use crate::stored::sweep::Sweep;
use crate::stored::{Blocks, Bounds, MAX_BLOCKS, MAX_BYTES, Times, too_many};
use blocks::Reading;
use domain::formula::Steps;
use futures::future::try_join_all;
use http_api::Problem;

/// About how many readings of all inputs are opened at once.
const OPEN_AT_ONCE: usize = 200_000;
/// Once so many readings are computed, the rest waits until it is asked for.
const ENOUGH: usize = 100_000;

/// Readings that were computed, ascending.
pub struct Found {
    pub readings: Vec<Reading>,
    /// How many blocks of inputs were read.
    pub read: usize,
    /// What is left of the times that were asked for.
    pub left: Option<Times>,
}

/// A walk: what has been read of each input, and up to when readings are computed.
pub struct Walk<'a, 'f, S: Blocks> {
    inputs: &'a [Input<S>],
    sweeps: Vec<Sweep<'a, S>>,
    steps: Steps<'f>,
    floor: i64,
    end: i64,
}

impl<'a, 'f, S: Blocks> Walk<'a, 'f, S> {
    /// A walk through these times that has read nothing yet.
    pub fn new(inputs: &'a [Input<S>], steps: Steps<'f>, times: Times) -> Self {
        let share = inputs.len().max(1);
        let bounds = Bounds {
            blocks: MAX_BLOCKS / share,
            bytes: MAX_BYTES / share,
        };
        let sweeps = inputs.iter().map(|input| Sweep::new(&input.source, times, bounds));
        Self {
            inputs,
            sweeps: sweeps.collect(),
            steps,
            floor: times.start,
            end: times.end,
        }
    }

    /// Reads the first blocks of each input.
    pub async fn begin(&mut self) -> Result<(), Problem> {
        try_join_all(self.sweeps.iter_mut().map(Sweep::advance)).await?;
        Ok(())
    }

    /// The time before which there is nothing to compute, since inputs that hold nothing have no readings before it.
    pub fn earliest(&self, missing: &[bool]) -> i64 {
        let missing = self.sweeps.iter().zip(missing).filter(|(_, missing)| **missing);
        let first = |sweep: &Sweep<'_, S>| {
            let firsts = sweep.blocks().iter().map(|block| block.summary.first.time);
            firsts.chain([sweep.complete()]).min().unwrap_or(self.floor)
        };
        let firsts = missing.map(|(sweep, _)| first(sweep));
        firsts.max().unwrap_or(self.floor).max(self.floor)
    }

    /// How many blocks were read.
    pub fn read(&self) -> usize {
        self.sweeps.iter().map(Sweep::read).sum()
    }

    /// Computes readings, until about so many blocks are read.
    pub async fn go(mut self, limit: usize) -> Result<Found, Problem> {
        let begun = self.floor;
        let mut readings: Vec<Reading> = Vec::new();
        while self.floor < self.end {
            let enough = self.read() >= limit || readings.len() >= ENOUGH;
            if enough && !readings.is_empty() {
                break;
            }
            if self.floor < self.complete() {
                readings.extend(self.compute().await?);
            } else if !self.sweeps.iter().any(Sweep::is_exhausted) {
                self.advance().await?;
            } else if self.floor == begun {
                return Err(too_many(begun));
            } else {
                break;
            }
        }
        let (start, end) = (self.floor, self.end);
        Ok(Found {
            readings,
            read: self.read(),
            left: (start < end).then_some(Times { start, end }),
        })
    }

    /// The time before which no reading of any input is missing.
    fn complete(&self) -> i64 {
        self.sweeps.iter().map(Sweep::complete).min().unwrap_or(self.end)
    }

    /// Reads on in the input that is furthest behind.
    async fn advance(&mut self) -> Result<(), Problem> {
        match self.sweeps.iter_mut().min_by_key(|sweep| sweep.complete()) {
            Some(behind) => behind.advance().await,
            None => Ok(()),
        }
    }

    /// Computes readings from what has been read.
    async fn compute(&mut self) -> Result<Vec<Reading>, Problem> {
        let (floor, complete) = (self.floor, self.complete());
        let share = (OPEN_AT_ONCE / self.sweeps.len().max(1)) as u64;
        let ends = self.sweeps.iter().map(|sweep| sweep.slice(floor, complete, share));
        let end = ends.min().unwrap_or(complete);
        let mut each = Vec::with_capacity(self.sweeps.len());
        for (sweep, input) in self.sweeps.iter_mut().zip(self.inputs) {
            sweep.fetch_touching(floor, end).await?;
            let readings = blocks::read(sweep.blocks(), floor, end).map_err(Problem::internal)?;
            each.push(input.scaling.readings(readings).collect());
            sweep.forget_before(end);
        }
        self.floor = end;
        Ok(self.steps.over(&each))
    }
}
