//! What anybody may ask.

use std::time::{Duration, Instant};
use tests::{Api, PATIENCE};

#[tokio::test]
async fn the_heartbeat_comes_over_the_workers_queue() {
    let api = Api::anonymous();
    let begun = Instant::now();
    loop {
        let status = api.get("/v1/status").await.expect(200);
        if status["worker"]["status"] == "ok" && status["queues_seen_at"].is_string() {
            assert!(status["worker"]["last_heartbeat_at"].is_string(), "{status}");
            let names: Vec<_> = status["queues"]
                .as_array()
                .unwrap()
                .iter()
                .map(|q| q["name"].clone())
                .collect();
            assert_eq!(names, ["tasks", "readings", "reports"]);
            break;
        }
        assert!(begun.elapsed() < 2 * PATIENCE, "{status}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn the_contract_is_served_to_everybody() {
    let contract = Api::anonymous().get("/v1/openapi.json").await.expect(200);
    assert_eq!(contract["openapi"], "3.1.0");
    assert!(contract["paths"]["/v1/orgs/{org}/devices/{device}/reports"]["post"].is_object());
}
