use super::*;
use crate::{Created, Json};
use axum::Router;
use axum::body::{Body as Bytes, to_bytes};
use axum::extract::State as Of;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::ServiceError;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

const ADA: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const BEA: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XD";

/// How the next piece of work ends.
#[derive(Clone, Copy, Default)]
enum End {
    #[default]
    Done,
    /// It is done, by another request with the same key, and refused for it.
    Twin,
    Conflict,
    Busy,
}

#[derive(Default)]
struct World {
    records: HashMap<String, Record>,
    things: Vec<Value>,
    end: End,
}

type Shared = Arc<Mutex<World>>;

struct Store(Shared);

impl Records for Store {
    async fn record(&self, id: &str) -> Result<Option<Record>, ServiceError> {
        Ok(self.0.lock().unwrap().records.get(id).cloned())
    }
}

async fn make(world: &Shared, once: &Once, body: Value) -> Result<Created<Json<Value>>, Problem> {
    let mut world = world.lock().unwrap();
    let answer = Created {
        location: Some(format!("/things/{}", world.things.len())),
        body: Json(body.clone()),
    };
    if matches!(world.end, End::Done | End::Twin) {
        world.things.push(body);
        let record = once.record(&answer, Timestamp::UNIX_EPOCH)?;
        world.records.extend(record.map(|record| (record.id.clone(), record)));
    }
    match world.end {
        End::Done => Ok(answer),
        End::Twin | End::Conflict => Err(Problem::new(Kind::Conflict, "The name is taken.")),
        End::Busy => Err(Problem::unavailable("throttled", Duration::from_secs(2))),
    }
}

async fn handler(
    Of(world): Of<Shared>,
    OnceJson(once, body): OnceJson<Value>,
) -> Result<Answered<Created<Json<Value>>>, Problem> {
    let work = make(&world, &once, body);
    once.run(&Store(world.clone()), Timestamp::UNIX_EPOCH, work).await
}

async fn send(world: &Shared, caller: &str, keys: &[&[u8]], body: &str) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::post("/things").header("content-type", "application/json");
    for key in keys {
        request = request.header(HEADER, *key);
    }
    let mut request = request.body(Bytes::from(body.to_owned())).unwrap();
    let context = json!({ "httpMethod": "POST", "identity": {}, "authorizer": { "principal": caller } });
    let context = RequestContext::ApiGatewayV1(serde_json::from_value(context).unwrap());
    request.extensions_mut().insert(context);
    let router = Router::new().route("/things", post(handler)).with_state(world.clone());
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn made(world: &Shared) -> usize {
    world.lock().unwrap().things.len()
}

#[tokio::test]
async fn a_repetition_does_nothing_and_is_answered_the_same() {
    let world = Shared::default();
    let (status, mut headers, body) = send(&world, ADA, &[b"k"], r#"{"b":1,"a":[2]}"#).await;
    assert_eq!(
        (status.as_u16(), headers["location"].to_str().unwrap()),
        (201, "/things/0")
    );
    assert!(!headers.contains_key("idempotency-replayed"));
    let again = send(&world, ADA, &[b"k"], r#"{"b":1,"a":[2]}"#).await;
    headers.insert("idempotency-replayed", "true".parse().unwrap());
    assert_eq!(again, (status, headers, body));
    assert_eq!(made(&world), 1);
}

#[tokio::test]
async fn without_a_key_or_by_another_caller_it_is_another_request() {
    let world = Shared::default();
    for (caller, keys) in [
        (ADA, [].as_slice()),
        (ADA, &[]),
        (ADA, &[b"k".as_slice()]),
        (BEA, &[b"k"]),
    ] {
        let (status, headers, _) = send(&world, caller, keys, "{}").await;
        assert_eq!(status, 201);
        assert!(!headers.contains_key("idempotency-replayed"));
    }
    assert_eq!(made(&world), 4);
}

#[tokio::test]
async fn a_key_with_another_body_is_refused() {
    let world = Shared::default();
    send(&world, ADA, &[b"k"], "{}").await;
    let (status, _, body) = send(&world, ADA, &[b"k"], "{ }").await;
    assert_eq!(status, 422);
    assert!(body.contains("urn:millwright:problem:idempotency-key-reused"), "{body}");
    assert_eq!(made(&world), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_by_name() {
    let world = Shared::default();
    let long = [b'k'; 256];
    for keys in [
        &[b"".as_slice()] as &[&[u8]],
        &[b"a b"],
        &[&long],
        &["é".as_bytes()],
        &[b"k", b"k"],
    ] {
        let (status, _, body) = send(&world, ADA, keys, "{}").await;
        assert_eq!(status, 400, "{keys:?}");
        assert!(body.contains(r#""pointer":"idempotency-key""#), "{body}");
    }
    assert_eq!(made(&world), 0);
}

#[tokio::test]
async fn whom_a_twin_outran_gets_the_twins_answer() {
    let world = Shared::default();
    world.lock().unwrap().end = End::Twin;
    let (status, headers, body) = send(&world, ADA, &[b"k"], "{}").await;
    assert_eq!((status.as_u16(), body.as_str()), (201, "{}"));
    assert_eq!(headers["idempotency-replayed"], "true");
    assert_eq!(send(&world, ADA, &[], "{}").await.0, 409);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let world = Shared::default();
    world.lock().unwrap().end = End::Conflict;
    let (status, _, body) = send(&world, ADA, &[b"k"], "{}").await;
    assert_eq!(status, 409);
    assert!(body.contains("taken"), "{body}");

    world.lock().unwrap().end = End::Busy;
    let (status, headers, body) = send(&world, ADA, &[b"k"], "{}").await;
    assert_eq!((status.as_u16(), headers["retry-after"].to_str().unwrap()), (503, "2"));
    assert!(body.contains("same `Idempotency-Key`"), "{body}");

    world.lock().unwrap().end = End::Done;
    assert_eq!(send(&world, ADA, &[b"k"], "{}").await.0, 201);
    assert_eq!(made(&world), 1);
}
