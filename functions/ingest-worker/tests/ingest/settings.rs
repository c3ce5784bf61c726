//! Settings of streams: read once, kept while their organisation's stamp stays, and heeded.

use crate::aws::{Answer, Call};
use crate::world::{NONE, World, sample};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const STAMPS: &str = ".GetItem|SETTINGS";
const SETTINGS: &str = "BatchGetItem|SETTINGS#temperature";
const BLOCKS: &str = "BatchWriteItem";
const OUTCOMES: &str = ".PutItem|OUTCOME#";

/// An AWS in which the stream of the samples is disabled under that stamp; 0 for none.
fn disabled(stamp: Arc<AtomicU64>) -> impl Fn(&Call) -> Option<Answer> {
    move |call| {
        let stamp = stamp.load(Ordering::Relaxed);
        let answer = match call.operation.as_str() {
            "DynamoDB_20120810.GetItem" if call.body.contains("SETTINGS") && stamp > 0 => {
                json!({ "Item": { "stamp": { "S": ulid::Ulid::from_parts(stamp, 0).to_string() } } })
            }
            "DynamoDB_20120810.BatchGetItem" if call.body.contains("SETTINGS#") => {
                let settings = json!({
                    "variable": { "S": "temperature" }, "data_type": { "S": "number" }, "enabled": { "BOOL": false },
                    "version": { "N": "1" },
                });
                json!({ "Responses": { "millwright-dev-org-01KAF2Z7M0V8Q4J3T6B9N5R1XC-1": [settings] } })
            }
            _ => return None,
        };
        Some((200, answer.to_string().into_bytes()))
    }
}

#[tokio::test]
async fn where_nothing_is_laid_down_a_batch_reads_one_row_an_organisation() {
    let world = World::new().await;
    assert_eq!(world.deliver(sample("readings")).await, NONE);
    assert_eq!(world.count([STAMPS, SETTINGS]), [1, 0]);
    assert_eq!(world.deliver(sample("reports")).await, NONE);
    assert_eq!(world.count([STAMPS, SETTINGS]), [2, 0]);
}

#[tokio::test]
async fn what_a_stream_does_not_take_is_told_and_settings_are_read_once_a_stamp() {
    let stamp = Arc::new(AtomicU64::new(1));
    let world = World::answering(disabled(stamp.clone())).await;
    assert_eq!(world.deliver(sample("readings_by_bucket")).await, NONE);
    assert_eq!(world.deliver(sample("readings_by_bucket")).await, NONE);
    assert_eq!(world.count([STAMPS, SETTINGS, BLOCKS, OUTCOMES]), [2, 1, 0, 2]);
    let told: Value = serde_json::from_str(&world.calls(OUTCOMES)[0].body).unwrap();
    let outcome = &told["Item"]["outcomes"]["L"][0]["M"];
    assert_eq!(
        (
            &outcome["added"]["N"],
            &outcome["refused"]["N"],
            &outcome["status"]["S"]
        ),
        (&json!("0"), &json!("3"), &json!("succeeded"))
    );
    assert_eq!(outcome["refusals"]["L"][0]["M"]["reason"]["S"], "disabled");
    stamp.store(2, Ordering::Relaxed);
    assert_eq!(world.deliver(sample("readings_by_bucket")).await, NONE);
    assert_eq!(world.count([SETTINGS]), [2]);
}

#[tokio::test]
async fn an_organisation_whose_stamp_cannot_be_read_has_its_uploads_come_again() {
    let world = World::answering(|call| {
        let asks = call.operation.ends_with(".GetItem") && call.body.contains("SETTINGS");
        asks.then(crate::world::throttled)
    });
    assert_eq!(world.await.deliver(sample("readings")).await, [0, 1]);
}
