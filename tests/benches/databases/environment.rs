//! An execution environment as Lambda keeps it: a function's own process, and the Runtime API that it asks for work (AWS Lambda Developer Guide, "Lambda runtime API").

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

const INVOCATION: &str = "/2018-06-01/runtime/invocation";
/// How long an invocation may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One process of a function, which works on one event at a time. It ends with this value.
pub struct Environment {
    child: Child,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Bytes>,
}

struct Runtime {
    events: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<Bytes>,
}

impl Environment {
    /// Starts a function's binary with these variables and nothing else.
    pub async fn start(binary: &Path, variables: &[(&str, &str)]) -> Self {
        let (events, asked) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let runtime = Runtime {
            events: Mutex::new(asked),
            answers: answered,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router(runtime)).await });
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .envs(variables.iter().copied())
            .stdout(Stdio::null());
        let child = command.spawn().unwrap();
        Self { child, events, answers }
    }

    /// Hands it an event; its answer.
    pub async fn invoke(&mut self, event: &Value) -> Value {
        self.events.send(event.to_string()).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        serde_json::from_slice(&answer.unwrap().unwrap()).unwrap()
    }

    /// Its time on the processors so far.
    pub fn on_processor(&self) -> Duration {
        crate::process::on_processor(self.child.id())
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn router(runtime: Runtime) -> Router {
    Router::new()
        .route(&format!("{INVOCATION}/next"), get(next))
        .route(&format!("{INVOCATION}/{{id}}/response"), post(answered))
        .route(&format!("{INVOCATION}/{{id}}/error"), post(answered))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Arc::new(runtime))
}

async fn next(State(runtime): State<Arc<Runtime>>) -> impl IntoResponse {
    let Some(event) = runtime.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let deadline = tests::now().as_millisecond() + 60_000;
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:bench";
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "6c1f0a2e-5b7d-4c39-9f1e-2a3b4c5d6e7f".to_owned(),
        ),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", function.to_owned()),
    ];
    (headers, event)
}

async fn answered(State(runtime): State<Arc<Runtime>>, body: Bytes) -> StatusCode {
    let _ = runtime.answers.send(body).await;
    StatusCode::ACCEPTED
}
