//! A browser on another origin can use the API.

use reqwest::Method;
use serde_json::json;
use tests::{Api, Person, answer};

const ORIGIN: &str = "https://app.example";

#[tokio::test]
async fn a_preflight_is_answered_without_credentials_on_every_path() {
    let api = Api::anonymous();
    for path in contract::full()["paths"].as_object().unwrap().keys() {
        let path = path
            .replace("{org}", "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC")
            .replace(['{', '}'], "");
        let preflight = api.request(Method::OPTIONS, &path).header("origin", ORIGIN);
        let preflight = preflight.header("access-control-request-method", "POST");
        let answer = answer(preflight.header("access-control-request-headers", "authorization,content-type")).await;
        assert!(
            [200, 204].contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert!(
            ["*", ORIGIN].contains(&answer.header("access-control-allow-origin")),
            "{path}"
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .to_lowercase()
                .contains("authorization"),
            "{path}"
        );
        assert!(answer.header("access-control-allow-methods").contains("POST"), "{path}");
    }
}

#[tokio::test]
async fn answers_and_errors_can_be_read_from_another_origin() {
    let ada = Person::new("Ada").await;
    let me = answer(ada.api.request(Method::GET, "/v1/me").header("origin", ORIGIN)).await;
    let refused = answer(Api::anonymous().request(Method::GET, "/v1/me").header("origin", ORIGIN)).await;
    let invalid = ada
        .api
        .request(Method::POST, "/v1/orgs")
        .header("origin", ORIGIN)
        .json(&json!({ "name": 7 }));
    let nowhere = answer(ada.api.request(Method::GET, "/v1/nowhere").header("origin", ORIGIN)).await;
    for (answer, status) in [(me, 200), (refused, 401), (answer(invalid).await, 422), (nowhere, 404)] {
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(
            ["*", ORIGIN].contains(&answer.header("access-control-allow-origin")),
            "{}",
            answer.text
        );
        assert!(
            answer.header("access-control-expose-headers").contains("x-request-id"),
            "{}",
            answer.text
        );
    }
}
