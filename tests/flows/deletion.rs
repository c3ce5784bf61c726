//! Objects named on the deletion topic go, and no others.

use super::events::{invoke, samples};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Api, PATIENCE, answer, aws, unique};

/// An object of some bucket.
fn object(method: Method, key: &str) -> reqwest::RequestBuilder {
    Api::at(tests::endpoint()).request(method, &format!("/{}/{key}", tests::bucket()))
}

async fn put(key: &str) {
    assert_eq!(answer(object(Method::PUT, key).body("x")).await.status, 200, "{key}");
}

async fn is_there(key: &str) -> bool {
    answer(object(Method::GET, key)).await.status == 200
}

async fn until_gone(key: &str) {
    let begun = Instant::now();
    while is_there(key).await {
        assert!(begun.elapsed() < PATIENCE, "{key} is still there");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn entry(bucket: &str, key: &str) -> Value {
    json!({ "uuid": unique("u"), "bucket": bucket, "key": key })
}

fn ours(key: &str) -> Value {
    entry(tests::bucket(), key)
}

#[tokio::test]
async fn what_is_named_goes_and_its_neighbours_stay_however_often_it_is_said() {
    let folder = unique("uploads/org");
    let keys: Vec<_> = (0..30).map(|n| format!("{folder}/{n}.bin")).collect();
    for key in &keys {
        put(key).await;
    }
    let (named, kept) = keys.split_at(29);
    let message = json!(named.iter().map(|key| ours(key)).collect::<Vec<_>>()).to_string();
    for _ in 0..2 {
        aws::publish("deletion", &message).await;
        for key in named {
            until_gone(key).await;
        }
    }
    assert!(is_there(&kept[0]).await);
}

#[tokio::test]
async fn a_foreign_bucket_and_a_forbidden_key_are_refused_with_a_reason_and_the_rest_goes() {
    let (good, forbidden) = (unique("errors/org"), unique("secrets/org"));
    for key in [&good, &forbidden] {
        put(key).await;
    }
    let wish = json!([
        entry("somebody-elses", &good),
        ours(&forbidden),
        ours(&good),
        "nonsense"
    ]);
    aws::publish("deletion", &wish.to_string()).await;
    let reason = aws::reason_given_up("deletion-dlq", &forbidden).await;
    for said in ["3 of 4", "entry 1: its bucket", "entry 2: its key", "entry 4"] {
        assert!(reason.contains(said), "{said}: {reason}");
    }
    assert!(!is_there(&good).await, "given up before the rest was deleted");
    assert!(is_there(&forbidden).await);
}

#[tokio::test]
async fn a_message_that_is_no_list_or_too_long_a_one_is_given_up_whole() {
    let nonsense = unique("nonsense");
    aws::publish("deletion", &nonsense).await;
    assert!(
        aws::reason_given_up("deletion-dlq", &nonsense)
            .await
            .contains("not a list")
    );

    let key = unique("uploads/org");
    put(&key).await;
    let small = json!({ "uuid": "u", "bucket": tests::bucket(), "key": key });
    let record = json!({ "messageId": unique("m"), "body": json!(vec![small; 1001]).to_string(), "attributes": {},
                         "messageAttributes": {},
                         "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:millwright-local-deletion" });
    let answer = invoke("deletion", json!({ "Records": [record] }).to_string()).await;
    assert_eq!(answer["batchItemFailures"], json!([]));
    let reason = aws::reason_given_up("deletion-dlq", &key).await;
    assert!(reason.contains("1001 entries"), "{reason}");
    assert!(is_there(&key).await);
}

#[tokio::test]
async fn the_samples_are_dealt_with() {
    put("errors/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC/report.bin").await;
    for (name, sample) in samples("deletion") {
        let here = sample
            .replace("millwright-dev-deletion", "millwright-local-deletion")
            .replace("millwright-dev-123456789012-eu-west-1", tests::bucket());
        let answer = invoke("deletion", here).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
    }
    assert!(!is_there("errors/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC/report.bin").await);
}
