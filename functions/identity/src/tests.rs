//! The router without AWS: what is refused before anything is called, and what the contract says of each route.

use crate::{App, router, routes};
use aws_cognito::UserPool;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_dynamodb::Directory;
use aws_sqs::Queue;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;

/// An app whose AWS is nowhere.
fn app() -> App {
    let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    App {
        pool: UserPool::new(&aws, "pool".to_owned(), "client".to_owned()),
        directory: Directory::new(&aws, "directory".to_owned(), "outbox".to_owned()),
        federation: None,
        tasks: Queue::new(&aws, "https://sqs.example/tasks".to_owned()),
        source: lambda::system(),
    }
}

async fn send(request: Request<Body>) -> (u16, Value) {
    let answer = http_api::wrap(router(app()), "*").oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn post(path: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(path).header("content-type", "application/json");
    send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_wrong_field_is_named_and_a_password_never_repeated() {
    let (email, password, code) = ("ada@example.com", "correct horse battery", "123456");
    let cases = [
        (
            "/v1/accounts",
            json!({ "email": "ada", "password": password, "name": "Ada" }),
            "/email",
        ),
        (
            "/v1/accounts",
            json!({ "email": email, "password": "hunter2", "name": "Ada" }),
            "/password",
        ),
        (
            "/v1/accounts",
            json!({ "email": email, "password": "x".repeat(257), "name": "Ada" }),
            "/password",
        ),
        (
            "/v1/accounts",
            json!({ "email": email, "password": password, "name": " " }),
            "/name",
        ),
        ("/v1/accounts", json!({ "email": email, "password": password }), ""),
        (
            "/v1/accounts",
            json!({ "email": email, "password": password, "name": "Ada", "role": "admin" }),
            "/role",
        ),
        ("/v1/accounts/confirm", json!({ "email": email, "code": "" }), "/code"),
        (
            "/v1/accounts/confirm",
            json!({ "email": email, "code": "12 34" }),
            "/code",
        ),
        (
            "/v1/accounts/confirm",
            json!({ "email": email, "code": 123_456 }),
            "/code",
        ),
        ("/v1/accounts/confirm/resend", json!({ "email": null }), "/email"),
        ("/v1/sessions", json!({ "email": email, "password": "" }), "/password"),
        (
            "/v1/sessions",
            json!({ "email": [email], "password": password }),
            "/email",
        ),
        ("/v1/sessions/challenge", json!({ "session": "mwc_x" }), "/code"),
        (
            "/v1/sessions/challenge",
            json!({ "session": "mwc_x", "code": "12345" }),
            "/code",
        ),
        (
            "/v1/sessions/challenge",
            json!({ "session": "mwc_x", "recovery_code": "ABCD" }),
            "/recovery_code",
        ),
        (
            "/v1/sessions/challenge",
            json!({ "session": "mwc_x", "code": "123456", "recovery_code": "ABCD-EFGH-JKMN-PQRS-TVWX" }),
            "/recovery_code",
        ),
        ("/v1/sessions/refresh", json!({ "refresh_token": "" }), "/refresh_token"),
        (
            "/v1/sessions/refresh",
            json!({ "refresh_token": "a".repeat(8193) }),
            "/refresh_token",
        ),
        ("/v1/accounts/unlock", json!({ "token": "mwu_nonsense" }), "/token"),
        ("/v1/password-resets", json!({ "email": "@example.com" }), "/email"),
        (
            "/v1/password-resets/confirm",
            json!({ "email": email, "code": code, "password": "hunter2" }),
            "/password",
        ),
    ];
    for (path, body, pointer) in cases {
        let (status, problem) = post(path, &body).await;
        assert_eq!(
            (status, &problem["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{path} {body}: {problem}"
        );
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
    }
}

#[tokio::test]
async fn the_rules_for_passwords_are_spelled_out() {
    let body = json!({ "email": "ada@example.com", "password": "short", "name": "Ada" });
    let (_, problem) = post("/v1/accounts", &body).await;
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "must have at least 12 characters");
}

#[tokio::test]
async fn what_is_for_people_is_not_for_keys() {
    for (method, path, body) in [
        ("GET", "/v1/me", json!({})),
        ("PATCH", "/v1/me", json!({})),
        ("POST", "/v1/me/email", json!({ "email": "ada@example.com" })),
        ("POST", "/v1/me/email/confirm", json!({ "code": "mwe_nonsense" })),
        (
            "POST",
            "/v1/me/password",
            json!({ "current": "correct horse battery", "new": "battery horse correct" }),
        ),
        ("POST", "/v1/me/mfa", json!({ "password": "correct horse battery" })),
        ("POST", "/v1/me/mfa/confirm", json!({ "code": "123456" })),
        (
            "POST",
            "/v1/me/mfa/recovery-codes",
            json!({ "password": "correct horse battery" }),
        ),
        ("DELETE", "/v1/me/mfa", json!({ "password": "correct horse battery" })),
        ("DELETE", "/v1/me", json!({ "password": "correct horse battery" })),
        ("DELETE", "/v1/sessions", json!({})),
        ("DELETE", "/v1/sessions/current", json!({})),
    ] {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let key = json!({
            "httpMethod": method, "identity": {}, "authorizer": { "principal": "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC" },
        });
        let context = RequestContext::ApiGatewayV1(serde_json::from_value(key).unwrap());
        request.extensions_mut().insert(context);
        let (status, problem) = send(request).await;
        assert_eq!(status, 403, "{path}: {problem}");
    }
}

#[test]
fn the_contract_says_which_routes_are_open() {
    let contract = serde_json::to_value(routes().into_openapi()).unwrap();
    let mut closed = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert_eq!(operation["tags"], json!(["identity"]), "{path}");
            assert!(
                operation["summary"].is_string() && operation["operationId"].is_string(),
                "{path}"
            );
            match &operation["security"] {
                open if *open == json!([{}]) => {}
                people if *people == json!([{ "bearer": [] }]) => closed.push(format!("{method} {path}")),
                // Programs, too, may ask what they may do.
                all if *all == json!([{ "bearer": [] }, { "api_key": [] }]) => assert_eq!(path, "/v1/me/permissions"),
                other => panic!("{path}: {other}"),
            }
        }
    }
    let people = [
        "delete /v1/me",
        "get /v1/me",
        "patch /v1/me",
        "post /v1/me/email",
        "post /v1/me/email/confirm",
        "delete /v1/me/mfa",
        "post /v1/me/mfa",
        "post /v1/me/mfa/confirm",
        "post /v1/me/mfa/recovery-codes",
        "post /v1/me/password",
        "delete /v1/sessions",
        "delete /v1/sessions/current",
    ];
    assert_eq!(closed, people);
}
