//! What must hold of blocks whatever is in them: nothing lost, nothing invented, no panic.

mod compacting;
mod holes;
mod hostile;
mod merging;
mod roundtrip;

use blocks::{Acceptance, Reading, Status, StoredBlock, split};
use proptest::prelude::*;

/// Any status.
pub fn status() -> impl Strategy<Value = Status> {
    prop_oneof![8 => Just(Status::Clean), 1 => Just(Status::Dirty), 1 => Just(Status::Utc)]
}

/// Readings of a message with times, ids and values from small sets, so that identities and times meet often.
pub fn crowded() -> impl Strategy<Value = Vec<Reading>> {
    let id = prop_oneof![Just(None), (0..3u32).prop_map(Some)];
    let reading = (-40..40i64, -1_000..1_000i32, status(), id);
    let reading = reading.prop_map(|(time, value, status, id)| Reading {
        time,
        value: f64::from(value) / 10.0,
        status,
        id,
    });
    proptest::collection::vec(reading, 1..30)
}

/// The blocks that some messages leave in a store.
pub fn stored() -> impl Strategy<Value = Vec<StoredBlock>> {
    proptest::collection::vec((crowded(), -2..3i64), 0..6).prop_map(|messages| {
        let message = |((mut readings, far), accepted): ((Vec<Reading>, i64), u64)| {
            readings.iter_mut().for_each(|r| r.time += far * 100);
            split(readings)
                .into_iter()
                .filter_map(move |block| StoredBlock::encode(&block, Acceptance::from_millis(accepted)).ok())
        };
        messages.into_iter().zip(1..).flat_map(message).collect()
    })
}

/// Bits and not equality: 0.0 == -0.0.
pub fn bits(readings: &[Reading]) -> Vec<(i64, u64, Status, Option<u32>)> {
    readings
        .iter()
        .map(|r| (r.time, r.value.to_bits(), r.status, r.id))
        .collect()
}
