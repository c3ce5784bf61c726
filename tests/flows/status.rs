//! What anybody may ask.

use serde_json::Value;
use std::time::{Duration, Instant};
use tests::aws::fire;
use tests::{Api, PATIENCE, answer};

/// What a component is, among all of them.
fn component<'a>(status: &'a Value, name: &str) -> &'a Value {
    let components = status["components"].as_array().unwrap();
    let found = components.iter().find(|component| component["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {status}"))
}

#[tokio::test]
async fn a_heartbeat_comes_over_each_workers_queue_and_every_component_shows() {
    let api = Api::anonymous();
    let begun = Instant::now();
    fire("heartbeat", tests::now()).await;
    fire("watch-queues", tests::now()).await;
    let workers = ["aws-worker", "ingest-worker"];
    let status = loop {
        let status = api.get("/v1/status").await.expect(200);
        if workers
            .iter()
            .all(|worker| component(&status, worker)["state"] == "operational")
        {
            break status;
        }
        assert!(begun.elapsed() < 2 * PATIENCE, "{status}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    assert_eq!(status["worker"]["status"], "ok", "{status}");
    assert!(status["worker"]["last_heartbeat_at"].is_string(), "{status}");
    assert!(status["queues_seen_at"].is_string(), "{status}");
    let names: Vec<_> = status["queues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|queue| queue["name"].clone())
        .collect();
    assert_eq!(names, ["tasks", "readings", "reports", "mail-feedback", "deletion"]);
    for name in ["api", "tasks", "deletion", "heartbeat", "watch-queues"] {
        assert!(component(&status, name)["last_seen"].is_string(), "{name}: {status}");
    }
    for name in [
        "sweep-outbox",
        "check-devices",
        "check-readings",
        "gather-statistics",
        "upgrade-organizations",
        "archive-journals",
        "close-organizations",
        "check-domains",
        "compact-readings",
    ] {
        assert!(component(&status, name)["state"].is_string(), "{name}: {status}");
    }
}

#[tokio::test]
async fn monitors_get_the_status_in_a_form_of_their_own() {
    let request = Api::anonymous().request(reqwest::Method::GET, "/v1/status");
    let health = answer(request.header("accept", "application/health+json")).await;
    assert_eq!(health.header("content-type"), "application/health+json");
    assert_eq!(health.header("cache-control"), "public, max-age=5");
    assert!(health.header("vary").contains("accept"), "{}", health.header("vary"));
    let verdict = health.body["status"].as_str().unwrap();
    assert_eq!(
        health.status,
        if verdict == "fail" { 503 } else { 200 },
        "{}",
        health.text
    );
    assert_eq!(health.body["checks"]["api:lastSeen"][0]["status"], "pass");
}

#[tokio::test]
async fn the_contract_is_served_to_everybody() {
    let contract = Api::anonymous().get("/v1/openapi.json").await.expect(200);
    assert_eq!(contract["openapi"], "3.1.0");
    assert!(contract["paths"]["/v1/orgs/{org}/devices/{device}/reports"]["post"].is_object());
}
