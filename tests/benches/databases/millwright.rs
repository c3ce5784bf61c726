//! Millwright: the function that takes readings in, and the worker that stores them, as release binaries, each in a process of its own.
//!
//! What counts as their time is all that their processes spend: HTTP with the Runtime API, the AWS SDK's signatures and JSON, and the work itself. TLS is not
//! in it, on no side. What AWS does is not theirs: gateway, queue and tables.

use crate::data;
use crate::environment::Environment;
use crate::shelf::Shelf;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Messages in a batch of the worker (template.yaml).
const BATCH: usize = 100;

/// A deployment.
pub struct Millwright {
    shelf: Arc<Shelf>,
    telemetry: Environment,
    worker: Environment,
}

/// Builds the functions' release binaries.
pub fn build() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build.args([
        "build",
        "--release",
        "--workspace",
        "--bin",
        "telemetry",
        "--bin",
        "ingest-worker",
    ]);
    assert!(build.status().unwrap().success(), "the functions do not build");
}

/// Where cargo puts them: beside the folder of this program.
fn binary(function: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors().nth(2).unwrap().join(function)
}

impl Millwright {
    /// Starts it over an empty shelf.
    pub async fn start() -> Self {
        let (shelf, address) = Shelf::start().await;
        let variables = [
            ("AWS_ENDPOINT_URL", address.as_str()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "example"),
            ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true"),
            ("ALLOWED_ORIGINS", "*"),
            ("DIRECTORY_TABLE", "directory"),
            ("OUTBOX_TABLE", "outbox"),
            (
                "RATE_LIMITS",
                "person=1200 key=6000 machine=6000 device=600 network=120",
            ),
            ("READINGS_QUEUE_URL", "http://localhost/1/readings"),
            ("REPORTS_QUEUE_URL", "http://localhost/1/reports.fifo"),
            ("READINGS_DLQ_URL", "http://localhost/1/readings-dlq"),
            ("REPORTS_DLQ_URL", "http://localhost/1/reports-dlq"),
            ("RUST_LOG", "info"),
            ("TASK_QUEUE_URL", "http://localhost/1/tasks"),
            ("STORAGE_BUCKET", "storage"),
            ("TASK_SIGNING_SECRET", "secret"),
        ];
        Self {
            shelf,
            telemetry: Environment::start(&binary("telemetry"), &variables),
            worker: Environment::start(&binary("ingest-worker"), &variables),
        }
    }

    /// Has a body taken in, as that media type.
    pub fn post(&self, series: usize, media_type: &str, body: &str) {
        let mut event = sample("upload_readings");
        event["headers"]["Content-Type"] = json!(media_type);
        event["multiValueHeaders"]["Content-Type"] = json!([media_type]);
        event["body"] = json!(body);
        self.answered(&event, series, 202);
    }

    /// Has a report of binary readings taken in.
    pub fn post_report(&self, report: &[u8]) {
        use base64::Engine;
        let mut event = sample("upload_report");
        event["body"] = json!(base64::engine::general_purpose::STANDARD.encode(report));
        event["isBase64Encoded"] = json!(true);
        self.answered(&event, 0, 202);
    }

    /// Statistics of each hour of one series.
    pub fn statistics(&self, series: usize, (start, end): (i64, i64)) -> Value {
        let mut event = sample("get_statistics");
        let query = [
            ("window", "1h".to_owned()),
            ("limit", "1000".to_owned()),
            ("start", data::rfc3339(start)),
            ("end", data::rfc3339(end)),
        ];
        for (name, value) in query {
            event["queryStringParameters"][name] = json!(value);
            event["multiValueQueryStringParameters"][name] = json!([value]);
        }
        event["pathParameters"]["variable"] = json!(data::VARIABLE);
        let path = event["path"].as_str().unwrap().replace("temperature", data::VARIABLE);
        event["path"] = json!(path);
        let answer = self.answered(&event, series, 200);
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
    }

    /// Lets the function answer an event, of that series' device.
    fn answered(&self, event: &Value, series: usize, status: u16) -> Value {
        let device = event["pathParameters"]["device"].as_str().unwrap().to_owned();
        let event = event.to_string().replace(&device, &data::device(series));
        let answer = self.telemetry.invoke(&serde_json::from_str(&event).unwrap());
        assert_eq!(answer["statusCode"], status, "{answer}");
        answer
    }

    /// Lets the worker store all that was taken in.
    pub fn store(&self) {
        for batch in self.shelf.take_messages().chunks(BATCH) {
            let records: Vec<_> = batch.iter().map(|body| record(body)).collect();
            let answer = self.worker.invoke(&json!({ "Records": records }));
            assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
        }
    }

    /// The time of function and worker on the processors so far.
    pub fn on_processor(&self) -> (Duration, Duration) {
        (self.telemetry.on_processor(), self.worker.on_processor())
    }

    /// What is stored.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

fn record(body: &str) -> Value {
    json!({
        "messageId": "059f36b4-87a3-44ab-83d2-661975674810", "receiptHandle": "AQEBexample0", "body": body,
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:millwright-dev-readings", "awsRegion": "eu-west-1",
    })
}

/// An event as API Gateway sends it.
fn sample(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/telemetry");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}
