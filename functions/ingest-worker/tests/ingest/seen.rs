//! Signs of life: few, never lost with an upload, never an upload's failure.

use crate::world::{NONE, World, delivered, outcome, sample, seen_at, throttled, upload, watch};
use serde_json::{Value, json};

const SIGN: &str = "UpdateItem|WATCH#";
const DEVICE: &str = "GetItem|DEVICE#dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC\"";
const MINUTE: i64 = 60_000;
const NOON: i64 = 1_800_014_400_000;

/// A condition that does not hold, with the item as it is.
fn refused(item: Option<Value>) -> (u16, Vec<u8>) {
    let mut error = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" });
    if let Some(item) = item {
        error["Item"] = item;
    }
    (400, error.to_string().into_bytes())
}

fn signs(world: &World) -> Vec<i64> {
    world.calls(SIGN).iter().map(seen_at).collect()
}

#[tokio::test]
async fn a_device_is_noted_at_most_once_in_five_minutes_and_never_backwards() {
    let world = World::new().await;
    for accepted in [NOON, NOON + 1, NOON + 5 * MINUTE, NOON - MINUTE, NOON + 5 * MINUTE + 1] {
        assert_eq!(world.deliver(upload(accepted)).await, NONE);
    }
    assert_eq!(signs(&world), [NOON, NOON + 5 * MINUTE + 1]);
    let sign: Value = serde_json::from_str(&world.calls(SIGN)[0].body).unwrap();
    let condition = sign["ConditionExpression"].as_str().unwrap();
    assert!(
        condition.contains("attribute_exists(pk)") && condition.contains("#seen < :at"),
        "{condition}"
    );
}

#[tokio::test]
async fn a_batch_notes_a_device_once_when_its_latest_upload_was_accepted() {
    let world = World::new().await;
    let (mut batch, later) = (upload(NOON), upload(NOON + MINUTE));
    batch["Records"]
        .as_array_mut()
        .unwrap()
        .push(later["Records"][0].clone());
    batch["Records"][1]["messageId"] = json!("later");
    assert_eq!(world.deliver(batch).await, NONE);
    assert_eq!(signs(&world), [NOON + MINUTE]);
}

#[tokio::test]
async fn what_another_environment_noted_is_learnt_from_its_refusal() {
    let world = World::answering(|call| {
        call.body
            .contains("WATCH#")
            .then(|| refused(Some(watch(NOON + 4 * MINUTE))))
    });
    let world = world.await;
    for accepted in [NOON, NOON + 9 * MINUTE, NOON + 9 * MINUTE + 1] {
        assert_eq!(world.deliver(upload(accepted)).await, NONE);
    }
    assert_eq!(signs(&world), [NOON, NOON + 9 * MINUTE + 1]);
}

#[tokio::test]
async fn a_note_that_fails_fails_no_upload_and_is_tried_at_the_next() {
    let world = World::answering(|call| call.body.contains("WATCH#").then(throttled)).await;
    for accepted in [NOON, NOON + 1] {
        assert_eq!(world.deliver(upload(accepted)).await, NONE);
    }
    assert_eq!(signs(&world), [NOON, NOON + 1]);
    assert_eq!(world.given_up(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_not_stored_is_no_sign_of_life() {
    let world = World::answering(|call| call.operation.ends_with("BatchWriteItem").then(throttled)).await;
    assert_eq!(world.deliver(upload(NOON)).await, [0]);
    assert_eq!(signs(&world).len(), 0);
}

#[tokio::test]
async fn a_crash_before_the_note_is_mended_by_the_next_delivery() {
    let world = World::answering(|call| {
        let found = call.operation.ends_with(".Query").then(|| outcome(0, "succeeded"))?;
        Some((200, json!({ "Items": [found] }).to_string().into_bytes()))
    });
    let world = world.await;
    assert_eq!(world.deliver(delivered(sample("readings_by_bucket"), 2)).await, NONE);
    assert_eq!(world.count(["BatchWriteItem", SIGN]), [0, 1]);
}

#[tokio::test]
async fn a_device_that_is_gone_is_not_brought_back_nor_asked_after_each_time() {
    let world = World::answering(|call| call.body.contains("WATCH#").then(|| refused(None))).await;
    for accepted in [NOON, NOON + 5 * MINUTE, NOON + 6 * MINUTE] {
        assert_eq!(world.deliver(upload(accepted)).await, NONE);
    }
    assert_eq!(world.count([SIGN, DEVICE, "TransactWriteItems"]), [2, 2, 0]);
}

#[tokio::test]
async fn a_device_from_before_there_were_watches_gets_one_unless_it_goes_meanwhile() {
    let world = World::answering(|call| match call.operation.rsplit('.').next() {
        Some("UpdateItem") if call.body.contains("WATCH#") => Some(refused(None)),
        Some("GetItem") if call.body.contains("DEVICE#") => {
            let device = json!({ "Item": {
                "id": { "S": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "project": { "S": "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC" },
                "name": { "S": "Press" }, "hardware_id": { "N": "7" }, "version": { "N": "1" },
                "created_at": { "S": "2026-01-01T00:00:00.123456789Z" },
            }});
            Some((200, device.to_string().into_bytes()))
        }
        _ => None,
    });
    let world = world.await;
    assert_eq!(world.deliver(upload(NOON)).await, NONE);
    let [begun] = &world.calls("TransactWriteItems")[..] else {
        panic!("one transaction");
    };
    let begun: Value = serde_json::from_str(&begun.body).unwrap();
    let row = &begun["TransactItems"][0]["Put"]["Item"];
    assert_eq!(
        [
            &row["seen"]["N"],
            &row["begun"]["N"],
            &row["silent_after"]["N"],
            &row["found"]["S"]
        ],
        ["1800014400000", "1767225600123", "7200", "unknown"]
    );
    let device = &begun["TransactItems"][1]["ConditionCheck"];
    assert_eq!(device["ConditionExpression"], "attribute_exists(pk)");
}
