//! A device 12345 with one stream, and telemetry in front of it.

use crate::aws::{Answer, Aws, Call};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blocks::{Acceptance, Reading, Status, StoredBlock};
use domain::task::{TaskSigner, UploadMessage};
use serde_json::{Value, json};
use std::path::Path;
use telemetry::App;
use tower::ServiceExt;

const DEVICE: &str = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

/// A device 12345 and its stream `temperature`.
pub struct World {
    pub aws: Aws,
    router: axum::Router,
}

/// Status and body of an answer, and its `Location`.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
    pub location: Option<String>,
}

impl World {
    pub async fn new() -> Self {
        Self::answering(answer).await
    }

    /// One whose AWS answers so.
    pub async fn answering(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let aws = Aws::start(answer).await;
        let source = lambda::system();
        let queue = |name| aws_sqs::Queue::new(&aws.config, format!("http://localhost/1/{name}"));
        let app = App {
            tables: aws_dynamodb::OrgTables::new(&aws.config, &source),
            directory: aws_dynamodb::Directory::new(&aws.config, "directory".to_owned(), "outbox".to_owned()),
            tasks: queue("tasks"),
            readings: queue("readings"),
            reports: queue("reports.fifo"),
            storage: aws_s3::Bucket::new(&aws.config, "storage".to_owned()),
            signer: TaskSigner::new(b"secret"),
            source,
        };
        let router = http_api::wrap(telemetry::router(app), "*");
        Self { aws, router }
    }

    /// Sends an event of API Gateway.
    pub async fn send(&self, event: &Value) -> Answered {
        // On Lambda an environment variable says to leave the stage out of the path.
        let mut event = event.clone();
        event["requestContext"]["stage"] = json!("$default");
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let request = request.map(|body| axum::body::Body::from(body.to_vec()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let location = response
            .headers()
            .get("location")
            .map(|path| path.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answered { status, body, location }
    }

    /// The upload that was queued; there must be one.
    pub fn queued(&self) -> (UploadMessage, Value) {
        let calls = self.aws.calls("SendMessage");
        assert_eq!(calls.len(), 1, "{calls:?}");
        let call: Value = serde_json::from_str(&calls[0].body).unwrap();
        (
            serde_json::from_str(call["MessageBody"].as_str().unwrap()).unwrap(),
            call,
        )
    }

    /// How many uploads were queued, and how many objects laid down.
    pub fn kept(&self) -> (usize, usize) {
        (
            self.aws.calls("SendMessage").len(),
            self.aws.calls("PUT /storage/").len(),
        )
    }
}

/// What AWS answers on a good day.
pub fn answer(call: &Call) -> Answer {
    let answer = match call.operation.as_str() {
        "DynamoDB_20120810.GetItem" if call.body.contains("SETTINGS#") => json!({}),
        "DynamoDB_20120810.Query" if call.body.contains("SETTINGS#") => json!({ "Items": [] }),
        "DynamoDB_20120810.GetItem" if call.body.contains("STREAM#temperature") => json!({ "Item": stream() }),
        "DynamoDB_20120810.GetItem" if call.body.contains("EVENT#") => json!({}),
        "DynamoDB_20120810.GetItem" if call.body.contains(DEVICE) => json!({ "Item": device() }),
        "DynamoDB_20120810.Query" if call.body.contains("BLOCK#") => json!({ "Items": [block()] }),
        "DynamoDB_20120810.Query" if call.body.contains("EVENT#") => json!({ "Items": [event()] }),
        "DynamoDB_20120810.Query" => json!({ "Items": [stream()] }),
        _ => json!({}),
    };
    (200, answer.to_string().into_bytes())
}

fn device() -> Value {
    json!({
        "id": { "S": DEVICE }, "project": { "S": "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "name": { "S": "Press" },
        "hardware_id": { "N": "12345" }, "version": { "N": "1" }, "created_at": { "S": "2026-01-01T00:00:00Z" },
    })
}

fn stream() -> Value {
    json!({ "variable": { "S": "temperature" }, "created_at": { "S": "2026-01-01T00:00:00Z" }, "span": { "N": "16000000000" } })
}

fn event() -> Value {
    json!({ "sk": { "S": "evt_1H2EKWBZ8C1D0Y3T6B9N5R1XCA" }, "variable": { "S": "5020" }, "extra_data": { "S": r#"{"peak":45.4}"# } })
}

/// 20, 21 and 22 degrees, ten seconds apart.
fn block() -> Value {
    let reading = |n: u32| Reading {
        time: (1_767_323_040 + i64::from(n) * 10) * 1_000_000_000,
        value: 20.0 + f64::from(n),
        status: Status::Clean,
        id: None,
    };
    let readings = [0, 1, 2].map(reading);
    let block = StoredBlock::encode(&readings, Acceptance(7)).unwrap();
    let sk = format!("x#{}#0", ulid::Ulid(7));
    let binary = |bytes: &[u8]| json!({ "B": STANDARD.encode(bytes) });
    json!({ "sk": { "S": sk }, "summary": binary(&block.summary.to_bytes()), "bytes": binary(&block.bytes) })
}

/// A sample event.
pub fn sample(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/telemetry");
    serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// A report's bytes.
pub fn report(file: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/data/reports")
            .join(file),
    )
    .unwrap()
}
