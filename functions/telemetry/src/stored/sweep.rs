//! Going through the blocks of a range from the earliest to the latest.

use super::{Blocks, Bounds, Times};
use blocks::{StoredBlock, WINDOW};
use http_api::Problem;

/// Blocks in the first page of a sweep; each further one is twice as large, up to the greatest.
const FIRST_PAGE: usize = 16;
const GREATEST_PAGE: usize = 128;

/// A sweep over a range: what has been read, and up to when it is complete.
pub struct Sweep<'a, S: Blocks> {
    source: &'a S,
    bounds: Bounds,
    last_times: Option<(i64, i64)>,
    end: i64,
    after: Option<S::Place>,
    page: usize,
    read: usize,
    complete: i64,
    open: Vec<StoredBlock>,
}

impl<'a, S: Blocks> Sweep<'a, S> {
    /// A sweep that has read nothing yet.
    pub fn new(source: &'a S, times: Times, bounds: Bounds) -> Self {
        let last_times = times.last_times(source.span());
        Self {
            source,
            bounds,
            last_times,
            end: times.end,
            after: None,
            page: FIRST_PAGE,
            read: 0,
            complete: if last_times.is_some() { times.start } else { times.end },
            open: Vec::new(),
        }
    }

    /// Reads on.
    pub async fn advance(&mut self) -> Result<(), Problem> {
        let Some(last_times) = self.last_times else {
            return Ok(());
        };
        let order = (true, self.after.take());
        let page = self.page.min(self.bounds.blocks.saturating_sub(self.read)).max(1);
        let part = self.source.page(last_times, order, page).await?;
        self.page = (self.page * 2).min(GREATEST_PAGE);
        self.read += part.read;
        if let Some(last) = part.reached {
            // What comes after ends no earlier, so it begins no earlier than this.
            let begins = last.saturating_sub(self.source.span()).max(last & !(WINDOW - 1));
            self.complete = self.complete.max(begins.min(self.end));
        }
        if part.next.is_none() {
            self.last_times = None;
            self.complete = self.end;
        }
        self.after = part.next;
        self.open.extend(part.blocks);
        Ok(())
    }

    /// Whether everything has been read.
    pub fn is_over(&self) -> bool {
        self.last_times.is_none()
    }

    /// How many blocks were read.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Whether this is as much as may be read.
    pub fn is_exhausted(&self) -> bool {
        let bytes: usize = self.open.iter().map(StoredBlock::size).sum();
        self.read >= self.bounds.blocks || bytes > self.bounds.bytes
    }

    /// The time before which no reading is missing from [`Sweep::blocks`].
    pub fn complete(&self) -> i64 {
        self.complete
    }

    /// The blocks that are not forgotten.
    pub fn blocks(&self) -> &[StoredBlock] {
        &self.open
    }

    /// Brings the bytes of those at these places here: they are to be opened.
    pub async fn fetch(&mut self, mut places: Vec<usize>) -> Result<(), Problem> {
        places.sort_unstable();
        let opened = self.open.iter_mut().enumerate();
        let opened = opened.filter(|(place, _)| places.binary_search(place).is_ok());
        self.source.fetch(opened.map(|(_, block)| block).collect()).await
    }

    /// Brings the bytes of those that touch the times from `from` to `to` here.
    pub async fn fetch_touching(&mut self, from: i64, to: i64) -> Result<(), Problem> {
        let opened = self.open.iter_mut().filter(|block| block.touches(from, to));
        self.source.fetch(opened.collect()).await
    }

    /// A time up to `to`, so that the blocks that touch the times from `from` to it have about `readings` readings, or more where they
    /// begin at one time: what can be opened at once.
    pub fn slice(&self, from: i64, to: i64, readings: u64) -> i64 {
        let mut touching: Vec<_> = self.open.iter().filter(|block| block.touches(from, to)).collect();
        touching.sort_unstable_by_key(|block| block.summary.first.time);
        let mut opened = 0;
        for block in touching {
            if opened >= readings && block.summary.first.time > from {
                return block.summary.first.time;
            }
            opened += block.summary.count;
        }
        to
    }

    /// Lets go of the blocks that end before that time.
    pub fn forget_before(&mut self, time: i64) {
        self.open.retain(|block| block.summary.last.time >= time);
    }
}
