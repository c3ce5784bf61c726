//! The sample events, fed to the deployed functions themselves. Their ids are replaced with ones that exist here; the authorizer's and the
//! ingest worker's samples are fed to their handlers beside them, since theirs cannot be.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tests::{Api, Device, Organization, aws};

const ORG: &str = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const DEVICE: &str = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const TABLE: &str = "millwright-dev-org-01KAF2Z7M0V8Q4J3T6B9N5R1XC-1";
const USER: &str = "usr_65HXZ2XJ1MC8PVJ2DQSN2ZW0B3";
/// How the names of samples end that must be refused.
const REFUSED: &[&str] = &["wrong", "stranger", "corrupt", "undated", "other_device", "too_great"];

/// The samples of a function: name and text.
pub(super) fn samples(function: &str) -> Vec<(String, String)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../events")).join(function);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut samples: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    samples.sort();
    samples
}

/// Invokes a deployed function as AWS would; what it answers.
pub(super) async fn invoke(function: &str, event: String) -> Value {
    let path = format!("/2015-03-31/functions/millwright-local-{function}:live/invocations");
    let answer = Api::at(tests::endpoint())
        .upload(&path, "application/json", event.into_bytes())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("x-amz-function-error"), "", "{function}: {}", answer.text);
    answer.body
}

async fn press() -> Device {
    let press = Organization::new("Acme").await.device(12345).await;
    let reading = json!([{ "variable": "temperature", "time": "2026-01-02T03:04:05Z", "value": 21.5 }]);
    press.readings(&reading).await.added().await;
    press
}

/// A sample with the ids of what exists here in the place of its own.
fn here(sample: &str, press: &Device) -> String {
    sample
        .replace(TABLE, &press.org.table())
        .replace(ORG, &press.org.id)
        .replace(DEVICE, press.path.rsplit('/').next().unwrap())
        .replace(USER, &press.org.owner.id)
}

/// What lies in the tasks' dead-letter queue.
async fn dead_tasks() -> Vec<Value> {
    let queue = aws::queue("tasks-dlq");
    let body = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "VisibilityTimeout": 0 });
    let found = aws::call("AmazonSQS.ReceiveMessage", &body).await.body;
    found["Messages"].as_array().cloned().unwrap_or_default()
}

#[test]
fn every_function_has_a_sample() {
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!samples(&name).is_empty(), "events/{name} is empty");
    }
}

#[tokio::test]
async fn http_functions_answer_their_samples() {
    let press = press().await;
    for function in [
        "identity",
        "organizations",
        "fleet",
        "machines",
        "telemetry",
        "status",
        "operations",
    ] {
        for (name, sample) in samples(function) {
            let answer = invoke(function, here(&sample, &press)).await;
            let status = answer["statusCode"].as_u64().unwrap_or_default();
            let refused = REFUSED.iter().any(|end| name.ends_with(end));
            let expected = if refused { 400..500 } else { 200..300 };
            assert!(expected.contains(&status), "{function}/{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_workers_and_the_check_deal_with_their_samples() {
    tests::base_url();
    for (name, sample) in samples("aws-worker") {
        // What cannot be read goes to the dead-letter queue, and none of it comes again.
        let queue = sample.replace("millwright-dev-tasks", "millwright-local-tasks");
        let answer = invoke("aws-worker", queue).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
    }
    let dead = dead_tasks().await;
    for (body, reason) in [
        ("not a message", "not a message of this queue"),
        ("tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "no such task"),
    ] {
        let letter = dead
            .iter()
            .find(|letter| letter["Body"].as_str().unwrap().contains(body));
        let said =
            &letter.unwrap_or_else(|| panic!("{body} is not among the dead: {dead:?}"))["MessageAttributes"]["reason"];
        assert!(said["StringValue"].as_str().unwrap().contains(reason), "{said}");
    }
    // Rounds through all organisations would find what other stories are about; `tests/faults` tells of them.
    let rounds = [
        "check-devices",
        "check-domains",
        "check-readings",
        "close-organizations",
        "compact-readings",
        "upgrade-organizations",
    ];
    let checks = samples("health").into_iter();
    for (name, sample) in checks.filter(|(name, _)| !rounds.contains(&name.as_str())) {
        let sample = sample.replace("rule/millwright-dev-", "rule/millwright-local-");
        assert_eq!(invoke("health", sample).await, Value::Null, "{name}");
    }
}
