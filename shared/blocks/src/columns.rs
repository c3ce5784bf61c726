//! A block's readings column by column: what its bytes hold, and the fastest way to all of them.

use crate::{BlockError, MAX_READINGS, Reading, Status};
use std::sync::Arc;

/// The values of a block's readings, all of one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// 64-bit floats, to the bit: negative zero, infinities and what is not a number keep theirs.
    Numbers(Vec<f64>),
    /// 64-bit whole numbers.
    Integers(Vec<i64>),
    /// Yes or no.
    Booleans(Vec<bool>),
    /// Texts; those of a block that differ have at most [`crate::MAX_TEXT`] bytes together.
    Texts(Vec<Arc<str>>),
}

/// So many readings in a row that have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<T> {
    /// How many; at least 1.
    pub length: usize,
    /// What they have.
    pub value: T,
}

/// The readings of a block, each column as long as the others; the runs of a column add up to its length.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// Nanoseconds since the Unix epoch.
    pub times: Vec<i64>,
    /// Their values.
    pub values: Values,
    /// Their statuses, in runs.
    pub statuses: Vec<Run<Status>>,
    /// Their ids; empty where readings have none.
    pub ids: Vec<u32>,
    /// When each was accepted, in milliseconds since the Unix epoch, in runs; empty where the store tells it of the
    /// block as a whole.
    pub accepted: Vec<Run<u64>>,
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Booleans(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values as numbers: whole numbers as the nearest float, yes as 1 and no as 0. Texts are no numbers.
    pub fn into_numbers(self) -> Result<Vec<f64>, BlockError> {
        match self {
            Self::Numbers(values) => Ok(values),
            Self::Integers(values) => Ok(values.into_iter().map(|value| value as f64).collect()),
            Self::Booleans(values) => Ok(values.into_iter().map(f64::from).collect()),
            Self::Texts(_) => Err(BlockError::Texts),
        }
    }
}

impl Columns {
    /// The columns of readings that are all with ids or all without.
    pub fn of(readings: &[Reading]) -> Result<Self, BlockError> {
        let first = readings.first().ok_or(BlockError::Empty)?;
        let unlike = |r: &Reading| r.id.is_some() != first.id.is_some();
        if let Some(index) = readings.iter().position(unlike) {
            return Err(BlockError::MixedIds { index });
        }
        Ok(Self {
            times: readings.iter().map(|r| r.time).collect(),
            values: Values::Numbers(readings.iter().map(|r| r.value).collect()),
            statuses: runs(readings, |r| r.status),
            ids: readings.iter().filter_map(|r| r.id).collect(),
            accepted: Vec::new(),
        })
    }

    /// How many readings.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none, which no block has.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The readings, values as [`Values::into_numbers`] gives them.
    pub fn into_readings(self) -> Result<Vec<Reading>, BlockError> {
        let row = |(time, value)| Reading {
            time,
            value,
            status: Status::Clean,
            id: None,
        };
        let values = self.values.into_numbers()?;
        let mut readings: Vec<Reading> = self.times.into_iter().zip(values).map(row).collect();
        for (reading, id) in readings.iter_mut().zip(self.ids) {
            reading.id = Some(id);
        }
        let mut rest = readings.as_mut_slice();
        for run in self.statuses {
            let (these, after) = rest.split_at_mut(run.length.min(rest.len()));
            if run.value != Status::Clean {
                these.iter_mut().for_each(|reading| reading.status = run.value);
            }
            rest = after;
        }
        Ok(readings)
    }

    /// Whether they can be a block.
    pub(crate) fn check(&self) -> Result<(), BlockError> {
        let count = self.len();
        if count == 0 {
            return Err(BlockError::Empty);
        }
        if count > MAX_READINGS {
            return Err(BlockError::TooMany { found: count });
        }
        let lengths = [
            self.values.len(),
            total(&self.statuses),
            if self.ids.is_empty() { count } else { self.ids.len() },
            if self.accepted.is_empty() {
                count
            } else {
                total(&self.accepted)
            },
        ];
        if lengths.iter().any(|length| *length != count) {
            return Err(BlockError::Uneven);
        }
        self.check_order()
    }

    /// Whether readings ascend strictly by time, then id. Most often the times alone tell.
    pub(crate) fn check_order(&self) -> Result<(), BlockError> {
        if self.times.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        let key = |n: usize| (self.times.get(n), self.ids.get(n));
        match (1..self.len()).find(|n| key(n - 1) >= key(*n)) {
            Some(index) => Err(BlockError::Unsorted { index }),
            None => Ok(()),
        }
    }
}

/// Rows in runs of what they have in common.
pub fn runs<R, T: PartialEq + Copy>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<Run<T>> {
    let run = |rows: &[R]| {
        let value = of(rows.first()?);
        Some(Run {
            length: rows.len(),
            value,
        })
    };
    rows.chunk_by(|a, b| of(a) == of(b)).filter_map(run).collect()
}

/// How many rows runs have together.
fn total<T>(runs: &[Run<T>]) -> usize {
    runs.iter()
        .fold(0, |total: usize, run| total.saturating_add(run.length))
}
