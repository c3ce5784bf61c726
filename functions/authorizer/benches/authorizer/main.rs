//! What the authorizer costs: processor time a request, with and without the call to the directory, and the first request of a process.
//!
//! `cargo bench -p authorizer` prints the table. Time is this thread's own on the processor, as Linux counts it; the directory is a stub of
//! DynamoDB's HTTP on the loopback, in a thread of its own, without TLS. Each figure is the best of some rounds, since whatever else the machine
//! does can only slow one down; figures are to be compared within one run. That a request makes one call is not only printed: another
//! number ends the run.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot prepare itself should fail")]

#[path = "../../tests/authorizer/doubles.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod doubles;
mod stub;

use authorizer::{Authorizer, Credentials, FetchKeys, KeySet};
use aws_dynamodb::Directory;
use doubles::{NOW, OURS, SUB, World, claims, event, jwk, token, with};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};
use stub::Stub;

/// How long each figure is measured.
const PATIENCE: Duration = Duration::from_secs(2);
/// Requests in a round.
const ROUND: u32 = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(measure());
}

async fn measure() {
    let stub = Stub::start();
    let event = event(&[("authorization", &format!("Bearer {}", token(&claims())))]);
    println!("{:<52}{:>12}{:>10}{:>12}", "", "CPU us", "", "calls of");
    println!("{:<52}{:>12}{:>10}{:>12}", "", "a request", "ratio", "DynamoDB");

    let (first, calls) = first_request(&stub, &event).await;
    let known = World::new().authorizer;
    let verified = a_request(&known, &event).await;
    let before = stub.calls();
    let served = authorizer(&stub).await;
    let with_call = a_request(&served, &event).await;
    let served_calls = f64::from(stub.calls() - before) / f64::from(with_call.requests);
    assert!(
        (served_calls - 1.0).abs() < f64::EPSILON,
        "{served_calls} calls a request"
    );
    let forged = with(claims(), "exp", json!(NOW - 1));
    let forged = doubles::event(&[("authorization", &format!("Bearer {}", token(&forged)))]);
    let before = stub.calls();
    let refused = a_request(&served, &forged).await;
    assert_eq!(stub.calls(), before, "an expired token was looked up");

    let row = |name: &str, cost: Duration, calls: f64| {
        let ratio = cost.as_secs_f64() / with_call.cost.as_secs_f64();
        println!("{name:<52}{:>12.1}{ratio:>10.2}{calls:>12}", cost.as_secs_f64() * 1e6);
    };
    row("with the directory's answer (1.00)", with_call.cost, served_calls);
    row("verification alone, the directory in memory", verified.cost, 0.0);
    row("refused: an expired token", refused.cost, 0.0);
    row(
        "first request: client, connection, key, directory",
        first,
        f64::from(calls),
    );
}

/// The authorizer over the stub, as `main` wires it.
async fn authorizer(stub: &Stub) -> Authorizer<Directory, doubles::Published> {
    let World {
        authorizer, published, ..
    } = World::new();
    published.set(&[jwk("ours", &OURS)]);
    let directory = Directory::new(&stub.config().await, "directory".to_owned(), "outbox".to_owned());
    Authorizer {
        directory,
        keys: KeySet::new(published, authorizer.source.clone()),
        sessions: authorizer.sessions,
        rules: authorizer.rules,
        source: authorizer.source,
    }
}

/// What the first request of a process costs beside its start: nothing is connected, no key is known.
async fn first_request(stub: &Stub, event: &Value) -> (Duration, u32) {
    let mut best = Duration::MAX;
    let mut calls = 0;
    for _ in 0..10 {
        let before = stub.calls();
        let begun = on_processor();
        let authorizer = authorizer(stub).await;
        authorizer.handle(event.clone()).await.unwrap();
        best = best.min(on_processor() - begun);
        calls = stub.calls() - before;
        assert_eq!(calls, 1, "the first request");
    }
    (best, calls)
}

struct Measured {
    cost: Duration,
    requests: u32,
}

async fn a_request<C: Credentials, F: FetchKeys>(authorizer: &Authorizer<C, F>, event: &Value) -> Measured {
    let (mut best, mut requests, begun) = (Duration::MAX, 0, Instant::now());
    while begun.elapsed() < PATIENCE {
        let round = on_processor();
        for _ in 0..ROUND {
            black_box(authorizer.handle(black_box(event.clone())).await).ok();
        }
        best = best.min((on_processor() - round) / ROUND);
        requests += ROUND;
    }
    Measured { cost: best, requests }
}

/// How long this thread has been on a processor (clock_gettime(2)).
fn on_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The row of the person whom the tokens are of.
pub fn person() -> Value {
    let id = domain::UserId::from_sub(SUB).unwrap();
    json!({ "pk": { "S": format!("USER#{id}") }, "sk": { "S": "META" } })
}
