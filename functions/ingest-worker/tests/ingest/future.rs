//! Readings dated in the future: noted with their stream, and at no other time.

use crate::world::{NONE, World, throttled, upload};
use serde_json::Value;

const NOTE: &str = "UpdateItem|FUTURE";
const MINUTE: i64 = 60_000;

/// When the last reading of the sample was taken, in milliseconds since the epoch.
const LAST: i64 = 1_767_323_060_000;

#[tokio::test]
async fn five_minutes_ahead_are_nothing_and_more_is_noted_once() {
    let world = World::new().await;
    assert_eq!(world.deliver(upload(LAST - 5 * MINUTE)).await, NONE);
    assert_eq!(world.count([NOTE]), [0]);
    for ahead in [6 * MINUTE, 5 * MINUTE + 1, 24 * 60 * MINUTE] {
        assert_eq!(world.deliver(upload(LAST - ahead)).await, NONE);
    }
    let [note] = &world.calls(NOTE)[..] else {
        panic!("one note: {:?}", world.calls(NOTE));
    };
    let note: Value = serde_json::from_str(&note.body).unwrap();
    let values = &note["ExpressionAttributeValues"];
    assert_eq!(
        [&values[":latest"]["N"], &values[":variable"]["S"], &values[":now"]["S"]],
        ["1767323060000000000", "temperature", "2026-01-02T02:58:20Z"]
    );
}

#[tokio::test]
async fn an_upload_is_done_only_when_its_anomaly_is_noted() {
    let world = World::answering(|call| call.body.contains("FUTURE").then(throttled)).await;
    assert_eq!(world.deliver(upload(LAST - 60 * MINUTE)).await, [0]);
    assert_eq!(world.deliver(upload(LAST)).await, NONE);
}
