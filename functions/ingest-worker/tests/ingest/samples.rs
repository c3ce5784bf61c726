//! The sample events, each fed to the worker; and what becomes of messages that fail.

use crate::world::{NONE, World, delivered, organization, outcome, sample, throttled};
use serde_json::{Value, json};

const NOTE: &str = "UpdateItem|STREAM#";
const BLOCKS: &str = "BatchWriteItem";
const OUTCOMES: &str = ".PutItem|OUTCOME#";
const LOG: &str = ".PutItem|WORK#telemetry.upload#";
const BEATS: &str = ".PutItem|HEARTBEAT#ingest-worker";
const REPORT_IS_IN: &str = "TransactWriteItems";
const ARCHIVE: &str = "PUT /storage/archive/";
const FORGET: &str = "DELETE /storage/uploads/";

/// What each sample makes the worker do: notes of streams, batches of items, items of outcomes, transactions, archives, bodies deleted.
const SAMPLES: [(&str, [usize; 6]); 5] = [
    ("heartbeat", [0, 0, 0, 0, 0, 0]),
    // Both are of one stream: one note, one block, and an item of outcomes that they share.
    ("readings", [1, 1, 1, 0, 0, 0]),
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
        let uploads = !["heartbeat", "unreadable"].contains(&name);
        let recorded = [usize::from(uploads), usize::from(name == "heartbeat")];
        assert_eq!(
            world.count([LOG, BEATS]),
            recorded,
            "{name}: one item of the log a batch"
        );
    }
}

#[tokio::test]
async fn a_heartbeat_that_cannot_be_written_comes_again_and_a_log_that_cannot_does_not() {
    let busy = |part: &'static str| World::answering(move |call| call.body.contains(part).then(throttled));
    let world = busy("HEARTBEAT#").await;
    assert_eq!(world.deliver(sample("heartbeat")).await, [0]);
    let world = busy("WORK#").await;
    assert_eq!(world.deliver(sample("readings")).await, NONE);
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
        let told: Vec<_> = world.calls(OUTCOMES).into_iter().map(|call| call.body).collect();
        assert_eq!(told.len(), given_up);
        assert!(
            told.iter()
                .all(|told| told.contains("failed, time and again") && !told.contains("Throttling")),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn a_report_may_fail_as_often_as_it_may_have_waited() {
    // Once the first of the group is given up, the one behind it has its turn: it is of another streamer, and succeeds.
    for (receives, failed, given_up) in [(9, vec![0, 1], 0), (10, vec![], 1)] {
        let world = World::answering(|call| {
            (call.operation.ends_with("GetItem") && call.body.contains("STREAMER#0")).then(throttled)
        });
        let world = world.await;
        assert_eq!(world.deliver(delivered(sample("reports"), receives)).await, failed);
        assert_eq!(world.given_up().len(), given_up);
    }
}

#[tokio::test]
async fn what_ends_the_worker_is_given_up_and_what_came_with_it_is_done() {
    for (name, recorded_by) in [("readings", OUTCOMES), ("reports", REPORT_IS_IN)] {
        let messages = sample(name)["Records"].as_array().unwrap().len();
        for (receives, given_up) in [(15, 0), (16, 1)] {
            let world = World::new().await;
            assert_eq!(world.deliver(delivered(sample(name), receives)).await, NONE);
            let reasons = world.given_up();
            assert_eq!(reasons.len(), given_up, "{name}: {reasons:?}");
            assert!(reasons.iter().all(|reason| reason.contains("ended without an answer")));
            let told = world.calls(OUTCOMES).into_iter();
            let told = told.filter(|call| call.body.contains("something failed on our side"));
            assert_eq!(told.count(), given_up, "{name}");
            let recorded = world.calls(recorded_by).into_iter();
            let recorded = recorded.filter(|call| call.body.contains("succeeded"));
            assert_eq!(
                recorded.count(),
                messages - given_up,
                "{name}: each is recorded by itself"
            );
        }
    }
}

#[tokio::test]
async fn what_was_done_before_the_worker_ended_is_not_given_up() {
    let world = World::answering(|call| {
        let found = call.operation.ends_with(".Query").then(|| outcome(0, "succeeded"))?;
        Some((200, json!({ "Items": [found] }).to_string().into_bytes()))
    });
    let world = world.await;
    let mut event = sample("reports");
    event["Records"].as_array_mut().unwrap().truncate(1);
    assert_eq!(world.deliver(delivered(event, 16)).await, NONE);
    assert_eq!((world.given_up().len(), world.count([REPORT_IS_IN])), (0, [0]));
}

#[tokio::test]
async fn what_a_batch_of_writes_leaves_out_is_sent_again() {
    let left_out = std::sync::atomic::AtomicBool::new(true);
    let world = World::answering(move |call| {
        let first = call.operation.ends_with(BLOCKS) && left_out.swap(false, std::sync::atomic::Ordering::Relaxed);
        let asked: Value = first.then(|| serde_json::from_str(&call.body).unwrap())?;
        let left = json!({ "UnprocessedItems": asked["RequestItems"] });
        Some((200, left.to_string().into_bytes()))
    });
    let world = world.await;
    assert_eq!(world.deliver(sample("readings_by_bucket")).await, NONE);
    assert_eq!(world.count([BLOCKS, OUTCOMES]), [2, 1]);
    let sent: Vec<_> = world
        .aws
        .calls(BLOCKS)
        .iter()
        .map(|call| call.body.matches("PutRequest").count())
        .collect();
    assert_eq!(sent, [1, 1]);
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
    for rows in [json!([]), json!([organization("deleted")])] {
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

/// A restore ends, and a deletion can be called off.
#[tokio::test]
async fn the_uploads_of_an_organisation_that_is_in_other_hands_wait() {
    for status in ["restoring", "deleting"] {
        let rows = json!({ "Responses": { "directory": [organization(status)] } }).to_string();
        let answer = move |call: &crate::aws::Call| {
            let asked = call.operation.ends_with("BatchGetItem");
            asked.then(|| (200, rows.clone().into_bytes()))
        };
        let world = World::answering(answer).await;
        assert_eq!(
            world.deliver(delivered(sample("readings"), 19)).await,
            [0, 1],
            "{status}"
        );
        assert_eq!((world.count([BLOCKS, OUTCOMES]), world.given_up().len()), ([0, 0], 0));
    }
}

#[tokio::test]
async fn a_directory_that_is_down_costs_nobody_an_upload() {
    let world = World::answering(|call| call.operation.ends_with("BatchGetItem").then(throttled)).await;
    assert_eq!(world.deliver(delivered(sample("readings"), 19)).await, [0, 1]);
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
