//! A worker, its batch, and the dead-letter queue behind it.

use crate::aws::{Answer, Aws, Call};
use aws_lambda_events::event::sqs::SqsEvent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ingest_worker::{App, Known};
use lambda::{DeadLetters, Delivery, Error, run_batch};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;

/// No message has to come again.
pub const NONE: [usize; 0] = [];

/// A worker and its AWS.
pub struct World {
    pub aws: Aws,
    app: App,
    dead: Dead,
}

/// What was given up, with its reason.
#[derive(Default)]
struct Dead(Mutex<Vec<String>>);

impl DeadLetters for Dead {
    async fn send(&self, _: &Delivery, reason: &str) -> Result<(), Error> {
        self.0.lock().unwrap().push(reason.to_owned());
        Ok(())
    }
}

impl World {
    pub async fn new() -> Self {
        Self::answering(|_| None).await
    }

    /// One whose AWS answers so, and where the test says nothing, as on a good day.
    pub async fn answering(special: impl Fn(&Call) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let aws = Aws::start(move |call| special(call).unwrap_or_else(|| answer(call))).await;
        let source = lambda::system();
        let app = App {
            directory: aws_dynamodb::Directory::new(&aws.config, "directory".into(), "outbox".into()),
            tables: aws_dynamodb::OrgTables::new(&aws.config, &source),
            storage: aws_s3::Bucket::new(&aws.config, "storage".into()),
            tasks: aws_sqs::Queue::new(
                &aws.config,
                "https://sqs.us-east-1.amazonaws.com/000000000000/tasks".into(),
            ),
            known: Known::default(),
            source,
        };
        let dead = Dead::default();
        Self { aws, app, dead }
    }

    /// Delivers a batch; the places of the messages that must come again.
    pub async fn deliver(&self, event: Value) -> Vec<usize> {
        let event: SqsEvent = serde_json::from_value(event).unwrap();
        let ids: Vec<_> = event.records.iter().map(|message| message.message_id.clone()).collect();
        let failures = run_batch(&self.app, &self.dead, event).await.batch_item_failures;
        let place = |id: String| ids.iter().position(|known| known.as_ref() == Some(&id)).unwrap();
        failures
            .into_iter()
            .map(|failure| place(failure.item_identifier))
            .collect()
    }

    /// The reasons of what was given up.
    pub fn given_up(&self) -> Vec<String> {
        self.dead.0.lock().unwrap().clone()
    }

    /// How many calls there were of each of these operations; after a `|`, what their bodies hold.
    pub fn count<const N: usize>(&self, operations: [&str; N]) -> [usize; N] {
        operations.map(|operation| self.calls(operation).len())
    }

    /// The calls of such an operation.
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        let (operation, part) = operation.split_once('|').unwrap_or((operation, ""));
        let calls = self.aws.calls(operation).into_iter();
        calls.filter(|call| call.body.contains(part)).collect()
    }

    /// The items written, as they were sent, sorted.
    pub fn items(&self) -> Vec<String> {
        let batches = self.aws.calls("BatchWriteItem").into_iter().flat_map(|call| {
            let body: Value = serde_json::from_str(&call.body).unwrap();
            let table = body["RequestItems"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap()
                .clone();
            table.as_array().unwrap().clone()
        });
        // An item's attributes are in no order of their own; parsed JSON sorts them.
        let mut items: Vec<_> = batches.map(|item| item.to_string()).collect();
        items.sort();
        items.dedup();
        items
    }
}

/// What AWS answers on a good day.
fn answer(call: &Call) -> Answer {
    if call.operation.starts_with("GET /storage/uploads/") {
        return (200, packed());
    }
    let answer = match call.operation.as_str() {
        "DynamoDB_20120810.BatchGetItem" => json!({ "Responses": { "directory": [organization("active")] } }),
        "DynamoDB_20120810.Query" => json!({ "Items": [] }),
        "DynamoDB_20120810.UpdateItem" if call.body.contains("WATCH#") => json!({ "Attributes": watch(seen_at(call)) }),
        _ => json!({}),
    };
    (200, answer.to_string().into_bytes())
}

/// When a device was seen, as a note of it says.
pub fn seen_at(note: &Call) -> i64 {
    let note: Value = serde_json::from_str(&note.body).unwrap();
    let at = note["ExpressionAttributeValues"][":at"]["N"].as_str().unwrap();
    at.parse().unwrap()
}

/// The watch of the samples' device, which was last seen then.
pub fn watch(seen: i64) -> Value {
    json!({
        "device": { "S": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "enabled": { "BOOL": true }, "silent_after": { "N": "7200" },
        "begun": { "N": "1767000000000" }, "seen": { "N": seen.to_string() }, "resumed": { "N": seen.to_string() },
        "found": { "S": "unknown" },
    })
}

/// An organisation's row.
pub fn organization(status: &str) -> Value {
    json!({
        "id": { "S": "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "name": { "S": "Acme" }, "status": { "S": status },
        "generation": { "N": "1" }, "table": { "S": "millwright-dev-org-01KAF2Z7M0V8Q4J3T6B9N5R1XC-1" },
        "task": { "S": "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "created_by": { "S": "usr_65HXZ2XJ1MC8PVJ2DQSN2ZW0B3" },
        "created_at": { "S": "2026-01-01T00:00:00Z" },
    })
}

/// The outcome of the sample's upload of that number.
pub fn outcome(number: usize, status: &str) -> Value {
    let task = format!("tsk_01KDYM4W48V8Q4J3T6B9N5R1X{number}-4D2Q8R7T0A1B2C3D4E5F6G7H8J");
    let outcome = json!({ "M": {
        "task": { "S": task }, "status": { "S": status }, "attempts": { "N": "1" }, "count": { "N": "3" }, "added": { "N": "3" },
        "finished_at": { "S": "2026-01-02T03:04:06Z" },
    }});
    json!({ "outcomes": { "L": [outcome] }, "expires_at": { "N": "1770000000" } })
}

/// A failure of DynamoDB that passes.
pub fn throttled() -> Answer {
    let error = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down" });
    (400, error.to_string().into_bytes())
}

/// The body of the sample upload of readings.
fn packed() -> Vec<u8> {
    let event = sample("readings");
    let message: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    STANDARD.decode(message["body"]["inline"].as_str().unwrap()).unwrap()
}

/// A sample event.
pub fn sample(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/ingest-worker");
    serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// An upload of readings accepted at that time, in milliseconds since the epoch.
pub fn upload(accepted_ms: i64) -> Value {
    let mut event = sample("readings_by_bucket");
    let body = event["Records"][0]["body"].as_str().unwrap();
    let mut message: Value = serde_json::from_str(body).unwrap();
    let ulid = ulid::Ulid::from_parts(accepted_ms.cast_unsigned(), 7);
    message["task"] = json!(format!("tsk_{ulid}-4D2Q8R7T0A1B2C3D4E5F6G7H8J"));
    event["Records"][0]["body"] = json!(message.to_string());
    event
}

/// The same event, each message delivered for the `n`th time.
pub fn delivered(mut event: Value, n: u32) -> Value {
    for record in event["Records"].as_array_mut().unwrap() {
        record["attributes"]["ApproximateReceiveCount"] = json!(n.to_string());
    }
    event
}
