//! The line between a process and AWS. It counts the calls, and at one of them it can break.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What is lost of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// All of it: it is never sent.
    Call,
    /// Its answer: it took effect.
    Answer,
}

/// What becomes of the process that made the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// It is gone at that line, and does nothing any more.
    Dies,
    /// It sees an error, and deals with it.
    GoesOn,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// At which call, counted from 0.
    pub nth: usize,
    /// What is lost.
    pub lost: Lost,
    /// What becomes of the process.
    pub process: Process,
}

impl Fault {
    /// Everything that can go wrong at a call. They take turns from call to call, so that whoever has time for the first of them only meets
    /// all of them in a story; the first two are of both fates.
    pub fn all_at(nth: usize) -> [Self; 4] {
        let fault = |lost, process| Self { nth, lost, process };
        let mut faults = [
            fault(Lost::Answer, Process::Dies),
            fault(Lost::Call, Process::GoesOn),
            fault(Lost::Call, Process::Dies),
            fault(Lost::Answer, Process::GoesOn),
        ];
        faults.rotate_left(nth % 4);
        faults
    }
}

/// A call as it was made.
#[derive(Debug, Clone)]
pub struct Call {
    /// What was called, as in `DynamoDB_20120810.PutItem`.
    pub name: String,
    /// What it wrote, in write units by table, where DynamoDB told.
    pub units: Vec<(String, f64)>,
}

/// The line. Clones are the same line.
#[derive(Debug, Clone)]
pub struct Line(Arc<State>);

#[derive(Debug)]
struct State {
    http: SharedHttpClient,
    fault: Option<Fault>,
    calls: Mutex<Vec<Call>>,
    delay: AtomicU64,
    death: Notify,
}

impl Line {
    /// A line that breaks once, or never.
    pub fn new(fault: Option<Fault>) -> Self {
        Self(Arc::new(State {
            http: Builder::new().build_http(),
            fault,
            calls: Mutex::default(),
            delay: AtomicU64::default(),
            death: Notify::new(),
        }))
    }

    /// The configuration of a process at this end of the line; the SDK's own retries are off, since each call counts.
    pub async fn aws(&self, endpoint: &str) -> SdkConfig {
        let aws = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(self.clone());
        let aws = aws.retry_config(RetryConfig::disabled()).test_credentials();
        let aws = aws.region(aws_config::Region::new("us-east-1"));
        aws.endpoint_url(endpoint).load().await
    }

    /// The same for what is called beside the SDK's clients.
    pub fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            line: self.clone(),
            http: SharedHttpConnector::new(aws_smithy_http_client::Connector::builder().build_http()),
        })
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().unwrap().clone()
    }

    /// Whether the fault has come about.
    pub fn broke(&self) -> bool {
        self.0.fault.is_some_and(|fault| fault.nth < self.calls().len())
    }

    /// Waits until the process at this end has to die.
    pub async fn death(&self) {
        self.0.death.notified().await;
    }

    /// By how many seconds messages were to be delayed that have been sent meanwhile. They are not delayed: the test's clock moves instead.
    pub fn take_delay(&self) -> u64 {
        self.0.delay.swap(0, Ordering::Relaxed)
    }

    /// Notes a call, and alters it where the test stands in for the passing of time, or wants to know what it costs.
    fn sent(&self, request: &mut HttpRequest) -> usize {
        let target = request.headers().get("x-amz-target").map(str::to_owned);
        match target.as_deref() {
            Some("AmazonSQS.SendMessage") => alter(request, |body| {
                let delay = body["DelaySeconds"].as_u64().unwrap_or(0);
                self.0.delay.fetch_add(delay, Ordering::Relaxed);
                body["DelaySeconds"] = json!(0);
            }),
            Some(name) if name.starts_with("DynamoDB") && writes(name) => {
                alter(request, |body| body["ReturnConsumedCapacity"] = json!("TOTAL"));
            }
            _ => {}
        }
        let mut calls = self.0.calls.lock().unwrap();
        let name = target.or_else(|| action(request));
        let name = name.unwrap_or_else(|| format!("{} {}", request.method(), path(request.uri())));
        calls.push(Call {
            name,
            units: Vec::new(),
        });
        calls.len() - 1
    }

    /// Notes what a call has cost.
    async fn answered(&self, nth: usize, mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        let name = self.0.calls.lock().unwrap()[nth].name.clone();
        if writes(&name) {
            let body = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::taken()));
            let bytes = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?;
            let bytes = bytes.into_bytes();
            let told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            self.0.calls.lock().unwrap()[nth].units = units(&told["ConsumedCapacity"]);
            *answer.body_mut() = SdkBody::from(bytes);
        }
        Ok(answer)
    }
}

fn writes(name: &str) -> bool {
    [
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "TransactWriteItems",
        "BatchWriteItem",
    ]
    .iter()
    .any(|write| name.ends_with(write))
}

/// What a call by the query protocol names.
fn action(request: &HttpRequest) -> Option<String> {
    let body = std::str::from_utf8(request.body().bytes()?).ok()?;
    let action = body.strip_prefix("Action=")?.split('&').next()?;
    Some(action.to_owned())
}

/// What a REST call names, without the host and the ids in the query.
fn path(uri: &str) -> &str {
    let path = uri.splitn(4, '/').nth(3).unwrap_or(uri);
    path.split('?').next().unwrap_or(path)
}

/// What DynamoDB says it has consumed, of one table or of several.
fn units(told: &Value) -> Vec<(String, f64)> {
    let several = told.as_array().cloned().unwrap_or_else(|| vec![told.clone()]);
    let one = |table: Value| {
        Some((
            table["TableName"].as_str()?.to_owned(),
            table["CapacityUnits"].as_f64()?,
        ))
    };
    several.into_iter().filter_map(one).collect()
}

fn alter(request: &mut HttpRequest, change: impl FnOnce(&mut Value)) {
    let bytes = request.body().bytes().unwrap_or_default();
    let Ok(mut body) = serde_json::from_slice(bytes) else {
        return;
    };
    change(&mut body);
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

impl HttpClient for Line {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            line: self.clone(),
            http: self.0.http.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Connector {
    line: Line,
    http: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let (line, http) = (self.line.clone(), self.http.clone());
        HttpConnectorFuture::new(async move {
            let nth = line.sent(&mut request);
            let Some(fault) = line.0.fault.filter(|fault| fault.nth == nth) else {
                return line.answered(nth, http.call(request).await?).await;
            };
            if fault.lost == Lost::Answer {
                http.call(request).await?;
            }
            if fault.process == Process::Dies {
                line.0.death.notify_one();
                std::future::pending::<()>().await;
            }
            Err(ConnectorError::io("the line is broken".into()))
        })
    }
}
