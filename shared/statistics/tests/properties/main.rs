//! Answers from blocks are those of one sorted list, computed the long way.

#![expect(clippy::expect_used, reason = "what a test prepares must be good")]

mod answers;
mod compacted;
mod gaps;

use blocks::{Acceptance, Accepted, Reading, Status, StoredBlock};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use statistics::{Calendar, Windows};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// A tenth of a day: blocks reach over midnights.
const STEP: i64 = 8_640_000_000_000;

/// What is stored of a stream.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Its blocks.
    pub blocks: Vec<StoredBlock>,
    /// What is in none.
    pub loose: Vec<Accepted>,
}

impl Stream {
    /// What counts of it, the long way.
    pub fn naive(&self, start: i64, end: i64) -> Vec<Reading> {
        let blocks = self
            .blocks
            .iter()
            .flat_map(|block| block.decode_accepted().expect("just encoded"));
        let mut by_identity: BTreeMap<_, Accepted> = BTreeMap::new();
        for accepted in blocks.chain(self.loose.iter().copied()) {
            let rank = |a: &Accepted| (a.millis, a.reading.status, a.reading.value.to_bits());
            let held = by_identity.entry(accepted.reading.identity()).or_insert(accepted);
            if rank(held) < rank(&accepted) {
                *held = accepted;
            }
        }
        let readings = by_identity.into_values().map(|accepted| accepted.reading);
        readings
            .filter(|reading| (start..end).contains(&reading.time))
            .collect()
    }
}

fn reading() -> impl Strategy<Value = Reading> {
    let id = prop_oneof![3 => Just(None), 1 => (0..3u32).prop_map(Some)];
    let value = prop_oneof![(-1_000..1_000i32).prop_map(|n| f64::from(n) / 10.0), Just(1e9 + 0.25)];
    let status = prop_oneof![4 => Just(Status::Clean), 1 => Just(Status::Dirty)];
    (-400..400i64, value, status, id).prop_map(|(time, value, status, id)| Reading {
        time: time * STEP,
        value,
        status,
        id,
    })
}

/// Messages near and far from one another, late ones and repeated ones among them, and readings that are in no block.
pub fn stream() -> impl Strategy<Value = Stream> {
    let message = (
        proptest::collection::vec(reading(), 1..30),
        prop_oneof![Just(0i64), -3..3i64],
        0..6u64,
    );
    let loose = proptest::collection::vec((reading(), 0..6u64), 0..6);
    (proptest::collection::vec(message, 0..8), loose).prop_map(|(messages, loose)| {
        let message = |(mut readings, narrow, millis): (Vec<Reading>, i64, u64)| {
            // Some messages are of a short time, so that nothing overlaps them.
            readings
                .iter_mut()
                .filter(|_| narrow != 0)
                .for_each(|r| r.time = r.time / 40 + narrow * 60 * STEP);
            StoredBlock::encode_all(readings, Acceptance::from_millis(millis)).expect("good readings")
        };
        Stream {
            blocks: messages.into_iter().flat_map(message).collect(),
            loose: loose
                .into_iter()
                .map(|(reading, millis)| Accepted { millis, reading })
                .collect(),
        }
    })
}

/// A range, or nearly all times.
pub fn range() -> impl Strategy<Value = (i64, i64)> {
    let some = (-500..500i64, 0..900i64).prop_map(|(start, length)| (start * STEP / 2, (start + length) * STEP / 2));
    prop_oneof![some, Just((i64::MIN, i64::MAX))]
}

/// Windows of every kind.
pub fn windows() -> impl Strategy<Value = Windows> {
    let zone = prop_oneof![Just("Europe/Berlin"), Just("America/Santiago"), Just("Pacific/Apia")];
    let calendar = prop_oneof![Just(Calendar::Day), Just(Calendar::Week), Just(Calendar::Month)];
    prop_oneof![
        Just(Windows::Whole),
        (1..400i64).prop_map(|n| Windows::Every(NonZeroU64::new((n * STEP).cast_unsigned()).expect("positive"))),
        (calendar, zone)
            .prop_map(|(calendar, name)| Windows::Calendar(calendar, TimeZone::get(name).expect("bundled"))),
    ]
}
