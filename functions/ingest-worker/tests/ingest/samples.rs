//! The sample events, each fed to the worker; and what becomes of messages that fail.

use crate::world::{NONE, World, delivered, organization, outcome, sample, throttled};
use serde_json::{Value, json};

const NOTE: &str = "UpdateItem";
const BLOCKS: &str = "BatchWriteItem";
const OUTCOMES: &str = ".PutItem";
const REPORT_IS_IN: &str = "TransactWriteItems";
const ARCHIVE: &str = "PUT /storage/archive/";
const FORGET: &str = "DELETE /storage/uploads/";

/// What each sample makes the worker do: notes of streams, batches of items, items of outcomes, transactions, archives, bodies deleted.
const SAMPLES: [(&str, [usize; 6]); 4] = [
    // Both begin before the other's note of their one stream is written; their outcomes share an item.
    ("readings", [2, 2, 1, 0, 0, 0]),
    ("readings_by_bucket", [1, 1, 1, 0, 0, 1]),
    // Two streams of the one streamer, one of the other, and its events; the report without readings has no items. One archive for all.
    ("reports", [3, 3, 0, 3, 1, 0]),
    ("unreadable", [0, 0, 0, 0, 0, 0]),
];

#[tokio::test]
async fn every_sample_is_worked_on_to_its_end() {
    for (name, calls) in SAMPLES {
        let world = World::new().await;
        assert_eq!(world.deliver(sample(name)).await, NONE, "{name}");
        assert_eq!(
            world.count([NOTE, BLOCKS, OUTCOMES, REPORT_IS_IN, ARCHIVE, FORGET]),
            calls,
            "{name}"
        );
        assert_eq!(world.given_up().len(), usize::from(name == "unreadable"), "{name}");
    }
}

#[test]
fn no_sample_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/ingest-worker");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SAMPLES.len());
}

#[tokio::test]
async fn what_is_done_is_not_done_again() {
    let world = World::answering(|call| {
        let found = call.operation.ends_with(".Query").then(|| outcome(0, "succeeded"))?;
        Some((200, json!({ "Items": [found] }).to_string().into_bytes()))
    });
    let world = world.await;
    assert_eq!(world.deliver(delivered(sample("readings_by_bucket"), 2)).await, NONE);
    assert_eq!(world.count([NOTE, BLOCKS, OUTCOMES, FORGET]), [0, 0, 0, 1]);
}

#[tokio::test]
async fn the_fifth_failure_is_told_to_the_asker_without_internals() {
    for (receives, failed, given_up) in [(4, vec![0, 1], 0), (5, vec![], 2)] {
        let world = World::answering(|call| call.operation.ends_with(BLOCKS).then(throttled)).await;
        assert_eq!(world.deliver(delivered(sample("readings"), receives)).await, failed);
        assert_eq!(world.given_up().len(), given_up);
        let told: Vec<_> = world.aws.calls(OUTCOMES).into_iter().map(|call| call.body).collect();
        assert_eq!(told.len(), given_up);
        assert!(
            told.iter()
                .all(|told| told.contains("failed, time and again") && !told.contains("Throttling")),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn a_group_waits_behind_its_first_failure_and_other_groups_do_not() {
    let world = World::answering(|call| {
        (call.operation.ends_with("GetItem") && call.body.contains("STREAMER#0")).then(throttled)
    });
    let world = world.await;
    assert_eq!(world.deliver(sample("reports")).await, [0, 1]);
    assert_eq!(world.count([REPORT_IS_IN]), [1]);
}

#[tokio::test]
async fn nobody_misses_the_uploads_of_an_organisation_that_is_gone() {
    for rows in [json!([]), json!([organization("deleting")])] {
        let answer = json!({ "Responses": { "directory": rows } }).to_string().into_bytes();
        let world =
            World::answering(move |call| call.operation.ends_with("BatchGetItem").then(|| (200, answer.clone()))).await;
        assert_eq!(world.deliver(sample("reports")).await, NONE);
        assert_eq!(
            (world.count([BLOCKS, REPORT_IS_IN, ARCHIVE]), world.given_up().len()),
            ([0, 0, 0], 0)
        );
    }
}

#[tokio::test]
async fn a_directory_that_is_down_costs_nobody_an_upload() {
    let world = World::answering(|call| call.operation.ends_with("BatchGetItem").then(throttled)).await;
    assert_eq!(world.deliver(delivered(sample("readings"), 5)).await, [0, 1]);
    assert_eq!(world.given_up(), Vec::<String>::new());
}

#[tokio::test]
async fn a_report_that_another_delivery_brought_in_is_done() {
    for (status, failed) in [("succeeded", vec![]), ("failed", vec![0])] {
        let world = World::answering(move |call| match call.operation.rsplit('.').next() {
            Some(REPORT_IS_IN) => Some((400, refused().to_string().into_bytes())),
            Some("Query") => Some((200, json!({ "Items": [outcome(0, status)] }).to_string().into_bytes())),
            _ => None,
        });
        let mut event = sample("reports");
        event["Records"].as_array_mut().unwrap().truncate(1);
        assert_eq!(world.await.deliver(event).await, failed, "{status}");
    }
}

/// The transaction's second condition, that the outcome is new, does not hold.
fn refused() -> Value {
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{ "Code": "None" }, { "Code": "ConditionalCheckFailed" }],
    })
}
