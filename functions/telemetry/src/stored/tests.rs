//! However a stream's readings lie in blocks, its answers are those of one sorted list.

use super::*;
use crate::readings::position::Position;
use blocks::{Acceptance, Away, Reading, Status};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Blocks in memory, in the order of a table.
#[derive(Debug)]
pub struct Memory {
    blocks: Vec<StoredBlock>,
    /// Most blocks a page has, whatever is asked for: small, so that small tests cross borders.
    most: usize,
    /// What nobody is shown.
    holes: Vec<Hole>,
    /// Whether every other block lies in a file, which is named for its place.
    away: bool,
    /// How many were fetched from there.
    fetched: AtomicUsize,
}

impl Blocks for Memory {
    type Place = usize;

    fn span(&self) -> i64 {
        let spans = self.blocks.iter().map(|block| block.summary.span());
        spans.max().unwrap_or(0)
    }

    async fn page(
        &self,
        (from, to): (i64, i64),
        (ascending, after): (bool, Option<usize>),
        limit: usize,
    ) -> Result<Part<usize>, Problem> {
        let within = |block: &StoredBlock| (from..=to).contains(&block.summary.last.time);
        let mut order: Vec<_> = (0..self.blocks.len()).filter(|n| within(&self.blocks[*n])).collect();
        if !ascending {
            order.reverse();
        }
        let start = after.map_or(0, |after| order.iter().position(|n| *n == after).unwrap() + 1);
        let page: Vec<_> = order[start..].iter().take(limit.min(self.most)).copied().collect();
        let next = page.last().copied().filter(|_| start + page.len() < order.len());
        let mut blocks: Vec<_> = page.iter().map(|n| self.stored(*n)).collect();
        let cut = blocks.iter_mut().filter(|block| block.is_opened_for(&self.holes));
        self.fetch(cut.collect()).await?;
        let left = blocks
            .into_iter()
            .filter_map(|block| block.without(&self.holes).unwrap());
        Ok(Part {
            blocks: left.collect(),
            read: page.len(),
            reached: page.last().map(|n| self.blocks[*n].summary.last.time),
            next,
        })
    }

    async fn fetch(&self, blocks: Vec<&mut StoredBlock>) -> Result<(), Problem> {
        for block in blocks {
            if let Some(away) = &block.away {
                let place: usize = away.file.parse().unwrap();
                self.fetched.fetch_add(1, Ordering::Relaxed);
                block.bring(&self.blocks[place].bytes).unwrap();
            }
        }
        Ok(())
    }
}

impl Memory {
    /// These blocks, of which every other lies in a file.
    pub fn away(blocks: Vec<StoredBlock>) -> Self {
        Self {
            blocks,
            most: 100,
            holes: Vec::new(),
            away: true,
            fetched: AtomicUsize::new(0),
        }
    }

    /// How many blocks were fetched from files.
    pub fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }

    /// A block as the store gives it.
    fn stored(&self, place: usize) -> StoredBlock {
        let block = &self.blocks[place];
        if !self.away || place.is_multiple_of(2) {
            return block.clone();
        }
        block.sent(Away {
            file: place.to_string(),
            offset: 0,
            length: block.bytes.len(),
        })
    }

    /// Every reading, as it should be read.
    pub fn all(&self, times: Times) -> Vec<Reading> {
        let blocks = self.blocks.iter().cloned();
        let left: Vec<_> = blocks.filter_map(|block| block.without(&self.holes).unwrap()).collect();
        blocks::read(&left, times.start, times.end).unwrap()
    }
}

/// Uploads of some readings each; times far enough apart that blocks end where windows do.
pub fn memory() -> impl Strategy<Value = Memory> {
    let time = prop_oneof![
        0..60i64,
        (0..3i64, -3..3i64).prop_map(|(window, by)| (window * blocks::WINDOW + by).max(0))
    ];
    let reading = (time, proptest::option::of(0..3u32), -9..9i8).prop_map(|(time, id, value)| Reading {
        time,
        id,
        value: f64::from(value),
        status: Status::Clean,
    });
    let upload = proptest::collection::vec(reading, 1..8);
    let hole = (0..60i64, 0..40i64, 0..25u64).prop_map(|(start, length, until)| Hole {
        start,
        end: start + length,
        until,
    });
    let holes = proptest::collection::vec(hole, 0..3);
    let all = (
        proptest::collection::vec(upload, 0..25),
        1..6usize,
        holes,
        any::<bool>(),
    );
    all.prop_map(|(uploads, most, holes, away)| {
        let encode = |(n, readings)| StoredBlock::encode_all(readings, Acceptance::from_millis(n)).unwrap();
        let mut blocks: Vec<_> = (0..).zip(uploads).flat_map(encode).collect();
        blocks.sort_by_key(|block| (block.summary.last.time, block.accepted));
        Memory {
            most,
            holes,
            away,
            ..Memory::away(blocks)
        }
    })
}

/// A range, or all times.
pub fn times() -> impl Strategy<Value = Times> {
    let range = (0..70i64, 0..70i64).prop_map(|(start, length)| Times {
        start,
        end: start + length,
    });
    prop_oneof![Just(Times::ALL), range]
}

/// Runs a future that waits for nothing.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    futures::FutureExt::now_or_never(future).unwrap()
}

/// All readings of a range, page by page.
pub async fn all_pages(source: &impl Blocks, times: Times, limit: usize) -> Vec<Reading> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = page(source, times, after, limit).await.unwrap();
        assert!(page.len() <= limit);
        found.extend(page);
        // A cursor travels as text.
        after = next.map(|position| position.to_string().parse::<Position>().unwrap());
        if after.is_none() {
            return found;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_leave_no_gap_and_repeat_nothing(memory in memory(), times in times(), limit in 1..12usize) {
        prop_assert_eq!(now(all_pages(&memory, times, limit)), memory.all(times));
    }

    #[test]
    fn the_newest_are_the_end_of_all(memory in memory(), times in times(), count in 1..12usize) {
        let all = memory.all(times);
        let newest = &all[all.len().saturating_sub(count)..];
        prop_assert_eq!(&now(super::newest(&memory, times, count)).unwrap(), newest);
    }
}
