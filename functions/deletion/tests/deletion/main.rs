//! The worker against an S3 that answers what a test tells it to.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

#[expect(dead_code, reason = "shared with telemetry's tests, which look at more")]
#[path = "../../../telemetry/tests/telemetry/aws.rs"]
mod aws;

use aws::{Answer, Aws};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_s3::Bucket;
use deletion::{App, Bounds};
use lambda::{DeadLetters, Delivery, Error, run_batch};
use serde_json::{Value, json};
use std::sync::Mutex;

const MESSAGE: &str =
    r#"[{"uuid":"1","bucket":"ours","key":"uploads/a"},{"uuid":"2","bucket":"ours","key":"uploads/b"}]"#;

/// What was given up, with its reason.
#[derive(Default)]
struct Dead(Mutex<Vec<String>>);

impl DeadLetters for Dead {
    async fn send(&self, _: &Delivery, reason: &str) -> Result<(), Error> {
        self.0.lock().unwrap().push(reason.to_owned());
        Ok(())
    }
}

async fn s3(status: u16, body: &'static str) -> Aws {
    Aws::start(move |_| -> Answer { (status, body.as_bytes().to_vec()) }).await
}

/// Delivers one message; whether it must come again, and the reasons of what was given up.
async fn deliver(s3: &Aws, body: &str, receives: u32) -> (bool, Vec<String>) {
    let app = App {
        storage: Bucket::new(&s3.config, "ours".to_owned()),
        bounds: Bounds {
            bucket: "ours".to_owned(),
            prefixes: vec!["uploads/".to_owned()],
        },
    };
    let attributes = json!({ "ApproximateReceiveCount": receives.to_string() });
    let record = json!({ "messageId": "m", "body": body, "attributes": attributes, "messageAttributes": {},
                         "eventSourceARN": "arn:aws:sqs:eu-west-1:1:deletion" });
    let event: SqsEvent = serde_json::from_value(json!({ "Records": [record] })).unwrap();
    let dead = Dead::default();
    let failures = run_batch(&app, &dead, event).await.batch_item_failures;
    (!failures.is_empty(), dead.0.into_inner().unwrap())
}

/// How S3 says that it deleted the one and not the other.
const PART: &str =
    "<DeleteResult><Error><Key>uploads/b</Key><Code>InternalError</Code><Message>m</Message></Error></DeleteResult>";
const ALL: &str = "<DeleteResult></DeleteResult>";

#[tokio::test]
async fn a_part_that_is_left_comes_again_with_all_of_its_message() {
    assert_eq!(deliver(&s3(200, PART).await, MESSAGE, 1).await, (true, vec![]));
    let s3 = s3(200, ALL).await;
    assert_eq!(deliver(&s3, MESSAGE, 2).await, (false, vec![]));
    let calls = s3.calls("POST");
    assert_eq!(calls.len(), 1);
    assert!(calls[0].body.contains("<Key>uploads/a</Key>") && calls[0].body.contains("<Key>uploads/b</Key>"));
}

#[tokio::test]
async fn what_fails_time_and_again_is_given_up_before_the_queue_does_so_without_a_word() {
    let s3 = s3(503, "<Error><Code>SlowDown</Code></Error>").await;
    assert_eq!(deliver(&s3, MESSAGE, 14).await, (true, vec![]));
    let (again, dead) = deliver(&s3, MESSAGE, 15).await;
    assert!(!again && dead.len() == 1 && dead[0].contains("SlowDown"), "{dead:?}");
}

#[tokio::test]
async fn a_refused_entry_is_told_only_once_the_rest_is_gone() {
    let mut entries: Value = serde_json::from_str(MESSAGE).unwrap();
    entries[0]["bucket"] = json!("theirs");
    let message = entries.to_string();
    assert_eq!(deliver(&s3(200, PART).await, &message, 1).await, (true, vec![]));
    let s3 = s3(200, ALL).await;
    let (again, dead) = deliver(&s3, &message, 2).await;
    assert!(!again && dead[0].starts_with("1 of 2 entries refused"), "{dead:?}");
    assert!(!s3.calls("POST")[0].body.contains("uploads/a"));
}

#[tokio::test]
async fn a_message_with_nothing_to_delete_calls_nobody() {
    let s3 = s3(500, "").await;
    assert_eq!(deliver(&s3, "[]", 1).await, (false, vec![]));
    assert!(s3.calls("").is_empty());
}
