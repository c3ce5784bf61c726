//! Reading a stream from its blocks, without gaps, without repeats, and with a bounded number of blocks for each request.
//!
//! Blocks are kept in the order of their **last** readings, so the next block can hold readings earlier than those of the block before it:
//! by no more than the stream's span, and never from before the block's window ([`blocks::WINDOW`]). What has been read is therefore
//! complete only up to some time behind the last block: [`sweep::Sweep`] keeps that account for [`page`] and for the statistics,
//! [`newest`] needs none, since every block that reaches beyond a time also ends beyond it.

mod newest;
mod page;
pub mod sweep;
#[cfg(test)]
pub mod tests;

pub use newest::newest;
pub use page::page;

use aws_dynamodb::{BlockPlace, OrgTable, Stream};
use blocks::StoredBlock;
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

    /// Blocks whose last times are in these bounds, both included, in the order of their last times, after a place; and where the
    /// next page begins, if there may be one.
    fn page(
        &self,
        last_times: (i64, i64),
        order: (bool, Option<Self::Place>),
        limit: usize,
    ) -> impl Future<Output = Result<(Vec<StoredBlock>, Option<Self::Place>), Problem>> + Send;
}

/// The blocks of a stream in its organisation's table.
pub struct Stored<'a> {
    table: &'a OrgTable,
    device: DeviceId,
    stream: &'a Stream,
}

impl<'a> Stored<'a> {
    /// The blocks of that stream.
    pub fn new(table: &'a OrgTable, device: DeviceId, stream: &'a Stream) -> Self {
        Self { table, device, stream }
    }
}

impl Blocks for Stored<'_> {
    type Place = BlockPlace;

    fn span(&self) -> i64 {
        self.stream.span
    }

    async fn page(
        &self,
        last_times: (i64, i64),
        (ascending, after): (bool, Option<BlockPlace>),
        limit: usize,
    ) -> Result<(Vec<StoredBlock>, Option<BlockPlace>), Problem> {
        let Self { table, device, stream } = self;
        let order = (ascending, after.as_ref());
        let page = table
            .blocks(*device, &stream.variable, last_times, order, limit)
            .await?;
        Ok((page.blocks, page.next))
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
