//! What each program is asked: a sample of `events/`, by function.

use crate::endpoint::Endpoint;
use crate::process::Start;
use crate::{Program, environment};
use local::package::Package;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The sample of each function.
const SAMPLES: &[(&str, &str)] = &[
    ("authorizer", "bearer"),
    ("aws-worker", "heartbeat"),
    ("deletion", "objects"),
    ("errors", "errors"),
    ("fleet", "list_projects"),
    ("health", "watch-queues"),
    ("identity", "get_me"),
    ("ingest-worker", "heartbeat"),
    ("journal-archive", "schedule"),
    ("machines", "get_own_device"),
    ("mail-feedback", "send"),
    ("operations", "list_queues"),
    ("organizations", "list_organizations"),
    ("status", "get_status"),
    ("sweeper", "schedule"),
    ("telemetry", "list_streams"),
];

/// Whom somebody waits for: they connect before their first poll.
const WAITED_FOR: &[&str] = &[
    "authorizer",
    "fleet",
    "identity",
    "machines",
    "operations",
    "organizations",
    "status",
    "telemetry",
];

/// A request, and how to tell whether its answer is good.
pub struct Job {
    pub event: Value,
}

impl Job {
    /// What an answer says in a word: `ok`, a status, or what went wrong.
    pub fn verdict(&self, success: bool, said: &Value) -> String {
        if std::env::var_os("COLD_START_LOGS").is_some() {
            eprintln!("answer: {said}");
        }
        let failures = said["batchItemFailures"].as_array().map_or(0, Vec::len);
        match (success, said["statusCode"].as_u64()) {
            (false, _) => "error".to_owned(),
            (true, Some(status)) => status.to_string(),
            (true, None) if failures > 0 => format!("{failures} failed"),
            (true, None) => "ok".to_owned(),
        }
    }
}

/// A function of the template, unpacked.
pub fn function(package: &Package, endpoint: &Endpoint) -> Program {
    let name = &package.function;
    let sample = SAMPLES.iter().find(|(function, _)| function == name);
    let (_, sample) = sample.unwrap_or_else(|| panic!("{name} has no sample in jobs.rs"));
    let environment = environment::of(name, endpoint);
    let event = match name.as_str() {
        "authorizer" => with_a_token(sample_of(name, sample), &environment, endpoint),
        _ => sample_of(name, sample),
    };
    Program {
        name: name.clone(),
        zip: Some(package.size),
        connects: WAITED_FOR.contains(&name.as_str()),
        start: Start {
            program: package.binary.clone(),
            arguments: Vec::new(),
            environment,
        },
        job: Job { event },
    }
}

/// The function that does nothing.
pub fn hello(program: &Path) -> Program {
    Program {
        name: "hello in Rust".to_owned(),
        zip: None,
        connects: false,
        start: Start {
            program: program.to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
        },
        job: Job {
            event: json!({ "hello": "world" }),
        },
    }
}

/// The authorizer's job in Python.
pub fn python(interpreter: &Path, endpoint: &Endpoint) -> Program {
    let mut environment = environment::of("authorizer", endpoint);
    let event = with_a_token(sample_of("authorizer", "bearer"), &environment, endpoint);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/cold_start");
    environment.push(("LAMBDA_TASK_ROOT".to_owned(), here.display().to_string()));
    environment.push(("PYTHONPATH".to_owned(), here.display().to_string()));
    // What Lambda's image holds is compiled; the handler is too, from its second start on.
    environment.push(("PYTHONPYCACHEPREFIX".to_owned(), pycache().display().to_string()));
    Program {
        name: "authorizer in Python".to_owned(),
        zip: None,
        connects: false,
        start: Start {
            program: interpreter.to_owned(),
            arguments: ["-m", "awslambdaric", "handler.handler"].map(str::to_owned).to_vec(),
            environment,
        },
        job: Job { event },
    }
}

fn pycache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold-start-pycache")
}

fn sample_of(function: &str, name: &str) -> Value {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let text = fs::read(events.join(function).join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// The sample's token is long over: one that the endpoint signs takes its place.
fn with_a_token(mut event: Value, environment: &[(String, String)], endpoint: &Endpoint) -> Value {
    let set = |name: &str| {
        let (_, value) = environment.iter().find(|(n, _)| n == name).unwrap();
        value.as_str()
    };
    let sample = event["headers"]["Authorization"].as_str().unwrap();
    let sample = sample.trim_start_matches("Bearer ");
    let signed = endpoint
        .signer
        .renew(sample, set("TOKEN_ISSUER"), set("USER_POOL_CLIENT_ID"));
    let header = format!("Bearer {signed}");
    event["headers"]["Authorization"] = json!(header);
    event["multiValueHeaders"]["Authorization"] = json!([header]);
    event
}
