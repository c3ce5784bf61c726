//! Readings in JSON: sent, read back, summarised.

use serde_json::{Value, json};
use tests::{Device, Organization};

async fn press() -> Device {
    Organization::new("Acme").await.device(1).await
}

fn reading(variable: &str, time: &str, value: f64) -> Value {
    json!({ "variable": variable, "time": time, "value": value })
}

/// Readings a minute apart from midnight of 2026-01-02.
fn minutes(count: usize) -> Value {
    let one = |n: usize| {
        reading(
            "temperature",
            &format!("2026-01-02T{:02}:{:02}:00Z", n / 60, n % 60),
            n as f64,
        )
    };
    (0..count).map(one).collect()
}

fn values(readings: &[Value]) -> Vec<f64> {
    readings
        .iter()
        .filter_map(|reading| reading["value"].as_f64())
        .collect()
}

#[tokio::test]
async fn what_was_sent_is_read_back() {
    let press = press().await;
    let sent = json!([
        reading("temperature", "2026-01-02T03:04:05Z", 21.5),
        reading("temperature", "2026-01-02T05:04:06.123456789+02:00", -0.1),
        reading("pressure", "2026-01-02T03:04:05Z", 1e300),
    ]);
    assert_eq!(press.readings(&sent).await.added().await, 3);
    assert_eq!(press.streams().await, ["pressure", "temperature"]);
    let found = press.all_readings("temperature", "").await;
    assert_eq!(found[0]["time"], "2026-01-02T03:04:05Z");
    assert_eq!(
        (found[1]["time"].as_str(), found[1]["value"].as_f64()),
        (Some("2026-01-02T03:04:06.123456789Z"), Some(-0.1))
    );
    let streams = press.api.get(&format!("{}/streams", press.path)).await.expect(200);
    assert_eq!(streams["items"][1]["last"]["value"], -0.1);
}

#[tokio::test]
async fn a_range_is_half_open_and_the_newest_come_in_ascending_order() {
    let press = press().await;
    press.readings(&minutes(150)).await.added().await;
    let range = press
        .all_readings("temperature", "&start=2026-01-02T00:10:00Z&end=2026-01-02T00:13:00Z")
        .await;
    assert_eq!(values(&range), [10.0, 11.0, 12.0]);
    let path = format!("{}/streams/temperature/readings?last=3", press.path);
    let newest = press.api.get(&path).await.expect(200);
    assert_eq!(values(newest["items"].as_array().unwrap()), [147.0, 148.0, 149.0]);
    let page = press
        .api
        .get(&format!("{}/streams/temperature/readings?limit=100", press.path))
        .await
        .expect(200);
    let next = page["next"].as_str().unwrap();
    let rest = press
        .api
        .get(&format!("{}/streams/temperature/readings?cursor={next}", press.path))
        .await
        .expect(200);
    assert_eq!(
        values(rest["items"].as_array().unwrap()),
        (100..150).map(f64::from).collect::<Vec<_>>()
    );
    assert_eq!(rest["next"], Value::Null);
}

#[tokio::test]
async fn the_latest_word_on_a_reading_wins() {
    let press = press().await;
    press.readings(&minutes(100)).await.added().await;
    press
        .readings(&json!([reading("temperature", "2026-01-02T00:50:00Z", 1000.0)]))
        .await
        .added()
        .await;
    press.readings(&minutes(3)).await.added().await;
    let found = press.all_readings("temperature", "").await;
    assert_eq!(found.len(), 100);
    assert_eq!(found[50]["value"], 1000.0);
    let all = press.statistics("temperature", "").await;
    assert_eq!(
        (all[0]["count"].as_u64(), all[0]["max"].as_f64()),
        (Some(100), Some(1000.0))
    );
}

#[tokio::test]
async fn statistics_are_those_of_the_readings() {
    let press = press().await;
    press.readings(&minutes(150)).await.added().await;
    let hours = press.statistics("temperature", "window=1h").await;
    assert_eq!(hours.len(), 3);
    let second = &hours[1];
    assert_eq!(second["start"], "2026-01-02T01:00:00Z");
    assert_eq!(
        (second["count"].as_u64(), second["min"].as_f64(), second["max"].as_f64()),
        (Some(60), Some(60.0), Some(119.0))
    );
    assert_eq!(
        (
            second["mean"].as_f64(),
            second["first"].as_f64(),
            second["last"].as_f64()
        ),
        (Some(89.5), Some(60.0), Some(119.0))
    );
    // The sample standard deviation of 60 consecutive numbers: the root of 60 * 61 / 12.
    assert!((second["stddev"].as_f64().unwrap() - 305.0_f64.sqrt()).abs() < 1e-9);
    let part = press
        .statistics(
            "temperature",
            "start=2026-01-02T00:30:00Z&end=2026-01-02T01:30:00Z&window=1h",
        )
        .await;
    assert_eq!(
        part.iter().map(|w| w["count"].as_u64()).collect::<Vec<_>>(),
        [Some(30), Some(30)]
    );
    let one = press
        .statistics("temperature", "start=2026-01-02T00:30:00Z&end=2026-01-02T00:31:00Z")
        .await;
    assert_eq!((one[0]["count"].as_u64(), &one[0]["stddev"]), (Some(1), &Value::Null));
}

#[tokio::test]
async fn the_largest_batch_fits() {
    let press = press().await;
    let one = |n: u32| {
        reading(
            &format!("v{}", n % 200),
            &format!("2026-01-02T03:04:05.{n:05}Z"),
            f64::from(n) / 7.0,
        )
    };
    let batch: Value = (0..10_000).map(one).collect();
    assert_eq!(press.readings(&batch).await.added().await, 10_000);
    assert_eq!(press.streams().await.len(), 100, "the first page");
    assert_eq!(press.all_readings("v7", "").await.len(), 50);
}

#[tokio::test]
async fn an_operator_uploads_and_a_viewer_reads() {
    let press = press().await;
    let (operator, viewer) = (press.org.member("operator").await, press.org.member("viewer").await);
    let theirs = Device {
        api: operator.api.clone(),
        ..press.clone()
    };
    theirs.readings(&minutes(1)).await.added().await;
    let path = format!("{}/streams/temperature/readings", press.path);
    assert!(operator.api.get(&path).await.problem(403).contains("telemetry.read"));
    assert_eq!(
        viewer.api.get(&path).await.expect(200)["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let body = json!({ "readings": minutes(1) });
    let refusal = viewer
        .api
        .post(&format!("{}/readings", press.path), &body)
        .await
        .problem(403);
    assert!(refusal.contains("telemetry.write"), "{refusal}");
}
