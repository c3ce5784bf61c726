use super::*;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use domain::rate::{Leased, Policy};
use domain::{Clock, Random};
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tower::ServiceExt;

const ADA: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

/// A clock that is set, and a database that counts one subject's blocks.
#[derive(Default)]
struct World {
    now: AtomicI64,
    taken: AtomicU32,
    writes: AtomicU32,
    asked: Mutex<Vec<String>>,
    /// What the database does instead of answering.
    trouble: Mutex<Option<Trouble>>,
}

#[derive(Clone, Copy)]
enum Trouble {
    Fails,
    Hangs,
}

struct Shared(Arc<World>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_323_040 + self.0.now.load(Ordering::SeqCst)).unwrap()
    }
}

struct NoDice;

impl Random for NoDice {
    fn fill(&self, _: &mut [u8]) {}
}

impl Leases for Shared {
    async fn lease(&self, subject: &Subject, policy: Policy, block: Block) -> Result<Leased, ServiceError> {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        let asked = format!(
            "{subject} {} {}",
            policy.class.name(),
            block.window.start() - 1_767_323_040
        );
        self.0.asked.lock().unwrap().push(asked);
        let trouble = *self.0.trouble.lock().unwrap();
        match trouble {
            Some(Trouble::Fails) => return Err(ServiceError::Busy("no answer".to_owned())),
            Some(Trouble::Hangs) => std::future::pending().await,
            None => {}
        }
        let before = self.0.taken.load(Ordering::SeqCst);
        let requests = block.requests.min(policy.quota - before);
        if requests == 0 {
            return Ok(Leased::UsedUp);
        }
        let taken = before + requests;
        self.0.taken.store(taken, Ordering::SeqCst);
        Ok(Leased::Granted { requests, taken })
    }
}

async fn panics() {
    panic!("secret")
}

fn app(world: &Arc<World>) -> Router {
    let policies = "person=120 key=120 machine=120 device=120 network=60".parse().unwrap();
    let limits = RateLimits::new(
        policies,
        Shared(world.clone()),
        Source::new(Shared(world.clone()), NoDice),
    );
    let router = Router::new()
        .route("/fine", get(|| async {}))
        .route("/panics", get(panics));
    crate::wrap(limits.around(router), "https://app.example")
}

struct Seen {
    status: u16,
    policy: String,
    limit: String,
    retry_after: String,
    body: Value,
}

async fn ask(app: &Router, path: &str, principal: Option<&str>) -> Seen {
    let mut context = ApiGatewayProxyRequestContext::default();
    if let Some(principal) = principal {
        context
            .authorizer
            .fields
            .insert("principal".to_owned(), json!(principal));
    }
    context.identity.source_ip = Some("203.0.113.7".to_owned());
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    request.extensions_mut().insert(RequestContext::ApiGatewayV1(context));
    let response = app.clone().oneshot(request).await.unwrap();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
            .to_owned()
    };
    let (policy, limit, retry_after) = (header("ratelimit-policy"), header("ratelimit"), header("retry-after"));
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Seen {
        status,
        policy,
        limit,
        retry_after,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

#[tokio::test]
async fn every_answer_says_how_its_caller_stands_and_one_too_many_is_refused() {
    let world = Arc::new(World::default());
    let app = app(&world);
    world.now.store(15, Ordering::SeqCst);
    for n in 1..=120 {
        let seen = ask(&app, if n == 7 { "/panics" } else { "/fine" }, Some(ADA)).await;
        assert_eq!(seen.status, if n == 7 { 500 } else { 200 });
        assert_eq!(seen.policy, "\"person\";q=120;w=60");
        assert_eq!(seen.limit, format!("\"person\";r={};t=45", 120 - n));
    }
    let refused = ask(&app, "/fine", Some(ADA)).await;
    assert_eq!((refused.status, refused.retry_after.as_str()), (429, "45"));
    assert_eq!(refused.limit, "\"person\";r=0;t=45");
    assert_eq!(refused.body["type"], "urn:millwright:problem:too-many-requests");
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .contains("120 requests with these credentials")
    );
    // A block of one request, 59 of two, the last one, and none.
    assert_eq!(world.writes.load(Ordering::SeqCst), 62);
    assert_eq!(world.asked.lock().unwrap()[0], format!("{ADA} person 0"));

    world.now.store(60, Ordering::SeqCst);
    world.taken.store(0, Ordering::SeqCst);
    assert_eq!(ask(&app, "/fine", Some(ADA)).await.status, 200);
}

#[tokio::test]
async fn whoever_has_no_credentials_is_limited_with_their_network() {
    let world = Arc::new(World::default());
    let app = app(&world);
    for _ in 0..60 {
        assert_eq!(ask(&app, "/fine", None).await.status, 200);
    }
    let refused = ask(&app, "/fine", None).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.policy, "\"network\";q=60;w=60");
    assert!(refused.body["detail"].as_str().unwrap().contains("from your network"));
    assert_eq!(world.asked.lock().unwrap()[0], "203.0.113.0/24 network 0");
}

#[tokio::test]
async fn a_database_in_trouble_refuses_nobody() {
    for trouble in [Trouble::Fails, Trouble::Hangs] {
        let world = Arc::new(World::default());
        *world.trouble.lock().unwrap() = Some(trouble);
        let app = app(&world);
        for n in 0..4 {
            let seen = ask(&app, "/fine", Some(ADA)).await;
            assert_eq!(seen.status, 200);
            assert_eq!(seen.limit, format!("\"person\";r={};t=60", 1 - n % 2));
        }
        // It is asked once a block, not at every request.
        assert_eq!(world.writes.load(Ordering::SeqCst), 2);
    }
}
