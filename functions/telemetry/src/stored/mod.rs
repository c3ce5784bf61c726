//! Reading a stream from its blocks, without gaps, without repeats, and with a bounded number of blocks for each request.
//!
//! Blocks are kept in the order of their **last** readings, so the next block can hold readings earlier than those of the block before it:
//! by no more than the stream's span, and never from before the block's window ([`blocks::WINDOW`]). What has been read is therefore
//! complete only up to some time behind the last block: [`sweep::Sweep`] keeps that account for [`page`] and for the statistics,
//! [`newest`] needs none, since every block that reaches beyond a time also ends beyond it.
//!
//! What was deleted, or is older than the stream keeps, is left out here, before anybody looks at a block: [`Stored`] gives none that holds
//! any of it. The bytes of older blocks lie in files: those that are to be opened, and no others, are fetched before.

mod newest;
mod page;
pub mod sweep;
#[cfg(test)]
pub mod tests;

pub use newest::newest;
pub use page::page;

use crate::readings::Known;
use aws_dynamodb::{BlockPlace, OrgTable, Stream};
use blocks::{Hole, StoredBlock};
use domain::DeviceId;
use domain::reading::ReadingTime;
use http_api::{Kind, Problem};
use std::future::Future;

/// Most blocks that one request reads.
pub const MAX_BLOCKS: usize = 10_000;
/// Most bytes of blocks that one request holds at a time.
pub const MAX_BYTES: usize = 64 << 20;

/// How much of a stream may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// So many blocks.
    pub blocks: usize,
    /// So many bytes of blocks at a time.
    pub bytes: usize,
}

impl Bounds {
    /// All that one request may.
    pub const REQUEST: Self = Self {
        blocks: MAX_BLOCKS,
        bytes: MAX_BYTES,
    };
}

/// Where the blocks of one stream come from.
pub trait Blocks: Sync {
    /// A place between two blocks.
    type Place: Clone + Send + Sync;

    /// No block is longer than this, in nanoseconds.
    fn span(&self) -> i64;

    /// Blocks whose last times are in these bounds, both included, in the order of their last times, after a place.
    fn page(
        &self,
        last_times: (i64, i64),
        order: (bool, Option<Self::Place>),
        limit: usize,
    ) -> impl Future<Output = Result<Part<Self::Place>, Problem>> + Send;

    /// Brings the bytes of these blocks here, where they lie in files.
    fn fetch(&self, blocks: Vec<&mut StoredBlock>) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// Some blocks of a stream, one after another.
pub struct Part<P> {
    /// What is left of them, in their order.
    pub blocks: Vec<StoredBlock>,
    /// How many there were.
    pub read: usize,
    /// The last time of the last of them, as it lies in the store; none where there was none. No block that comes after ends on this side of it.
    pub reached: Option<i64>,
    /// Where the next part begins, if there may be one.
    pub next: Option<P>,
}

impl<P> Part<P> {
    /// The same with its place named otherwise.
    pub fn with_place<Q>(self, place: impl FnOnce(P) -> Q) -> Part<Q> {
        Part {
            blocks: self.blocks,
            read: self.read,
            reached: self.reached,
            next: self.next.map(place),
        }
    }
}

/// The blocks of a stream in its organisation's table, without what nobody is shown.
pub struct Stored<'a> {
    table: &'a OrgTable,
    device: DeviceId,
    stream: Stream,
    holes: Vec<Hole>,
    floor: i64,
}

impl<'a> Stored<'a> {
    /// The blocks of that stream, as they are shown at the present moment.
    pub fn new(table: &'a OrgTable, device: DeviceId, Known { stream, settings }: &Known) -> Self {
        let now = table.now();
        Self {
            table,
            device,
            stream: stream.clone(),
            holes: settings.holes(now),
            floor: settings.floor(now).unwrap_or(i64::MIN),
        }
    }
}

impl Blocks for Stored<'_> {
    type Place = BlockPlace;

    fn span(&self) -> i64 {
        self.stream.span
    }

    async fn page(
        &self,
        (from, to): (i64, i64),
        (ascending, after): (bool, Option<BlockPlace>),
        limit: usize,
    ) -> Result<Part<BlockPlace>, Problem> {
        let (order, variable) = ((ascending, after.as_ref()), &self.stream.variable);
        // Blocks that end before what is kept are not even read.
        let from = from.max(self.floor);
        if from > to {
            return Ok(Part {
                blocks: Vec::new(),
                read: 0,
                reached: None,
                next: None,
            });
        }
        let mut page = self
            .table
            .blocks(self.device, variable, (from, to), order, limit)
            .await?;
        let (read, last) = (page.blocks.len(), page.blocks.last());
        let reached = last.map(|block| block.summary.last.time);
        let cut = page.blocks.iter_mut().filter(|block| block.is_opened_for(&self.holes));
        self.fetch(cut.collect()).await?;
        let left = page.blocks.into_iter().map(|block| block.without(&self.holes));
        Ok(Part {
            blocks: left
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()
                .map_err(Problem::internal)?,
            read,
            reached,
            next: page.next,
        })
    }

    async fn fetch(&self, blocks: Vec<&mut StoredBlock>) -> Result<(), Problem> {
        Ok(self.table.fetch(blocks).await?)
    }
}

/// A range of time, its end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The first nanosecond.
    pub start: i64,
    /// The first nanosecond after it.
    pub end: i64,
}

impl Times {
    /// All times there are; no reading is from before 1970.
    pub const ALL: Self = Self {
        start: 0,
        end: i64::MAX,
    };

    /// The range of a query.
    pub fn parse(start: Option<ReadingTime>, end: Option<ReadingTime>) -> Result<Self, Problem> {
        let start = start.map_or(Self::ALL.start, ReadingTime::nanos);
        let end = end.map_or(Self::ALL.end, ReadingTime::nanos);
        if start > end {
            return Err(Problem::query("start", "must not be after `end`"));
        }
        Ok(Self { start, end })
    }

    /// The last times of blocks that can touch the range; `None` when it is empty.
    fn last_times(self, span: i64) -> Option<(i64, i64)> {
        let bounds = blocks::last_times_of(self.start, self.end)?;
        let (from, to) = bounds.into_inner();
        Some((from, to.min((self.end - 1).saturating_add(span))))
    }
}

/// More blocks than one request reads.
pub fn too_many(around: i64) -> Problem {
    let time = ReadingTime::from_nanos(around.max(0)).map_or_else(|_| String::new(), |time| format!(" from {time} on"));
    let detail = format!(
        "The range has more blocks{time} than one request reads (10,000, or 64 MiB): ask for a shorter range. Uploads of more readings at a \
         time make fewer blocks."
    );
    Problem::new(Kind::Conflict, detail)
}
