//! Many small blocks become few large ones, of which nobody who reads notices.

use domain::task::TaskKind;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Device, Organization, PATIENCE, aws, now, round};

/// When the readings begin, in seconds: some hours ago, so that compaction is not done with them, and all in one window of blocks.
fn begun() -> i64 {
    let (now, window) = (now().as_second(), blocks::WINDOW / 1_000_000_000);
    let opened = now - now.rem_euclid(window);
    let begun = if now - opened < 7 * 3600 {
        opened - 10 * 3600
    } else {
        now - 6 * 3600
    };
    begun - begun % 600
}

/// Uploads some readings of a minute each, in an upload of their own; of two of one time the later upload counts.
async fn upload(press: &Device, minutes: std::ops::Range<i64>, value: f64) {
    let begun = begun();
    let reading = |minute: i64| {
        let time = jiff::Timestamp::from_second(begun + 60 * minute).unwrap();
        json!({ "variable": "temperature", "time": time.to_string(), "value": value + minute as f64 })
    };
    let readings: Vec<Value> = minutes.map(reading).collect();
    press.readings(&json!(readings)).await.added().await;
}

/// The blocks of the stream, and how many of them are to go.
async fn blocks(press: &Device) -> (usize, usize) {
    let device = press.path.rsplit('/').next().unwrap();
    let rows = aws::partition(&press.org.table(), &format!("BLOCK#{device}#temperature")).await;
    let gone = rows.iter().filter(|row| row["expires_at"].is_number()).count();
    (rows.len(), gone)
}

/// Runs the day's round, and waits for the organisation's own task of it, which is the nth.
pub async fn compact(press: &Device, nth: usize) -> Value {
    round("compact-readings", TaskKind::CompactOrganizations).await;
    let begun = Instant::now();
    loop {
        let path = press.org.path("/tasks?kind=readings.compact");
        let tasks = press.api.get(&path).await.expect(200)["items"].clone();
        let ended = tasks.as_array().into_iter().flatten();
        let ended: Vec<_> = ended.filter(|task| task["finished_at"].is_string()).collect();
        if ended.len() >= nth {
            assert!(ended.iter().all(|task| task["status"] == "succeeded"), "{ended:?}");
            return ended[0]["result"].clone();
        }
        assert!(begun.elapsed() < PATIENCE, "{tasks}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Statistics, but for the last digits of what is reckoned from sums: which readings are added up first depends on the blocks.
async fn statistics(press: &Device, query: &str) -> Vec<Value> {
    let mut windows = press.statistics("temperature", query).await;
    for window in &mut windows {
        window["stddev"] = json!(window["stddev"].as_f64().map(|number| format!("{number:.9}")));
    }
    windows
}

/// All that is told of the stream.
pub async fn told(press: &Device) -> Value {
    json!([
        press.all_readings("temperature", "").await,
        statistics(press, "").await,
        statistics(press, "window=10m&percentiles=50").await,
        press
            .api
            .get(&format!("{}/streams/temperature/readings?last=7", press.path))
            .await
            .expect(200),
        press
            .api
            .get(&format!("{}/streams/temperature/gaps?longer_than=1m", press.path))
            .await
            .expect(200),
    ])
}

#[tokio::test]
async fn readers_notice_nothing_of_compaction() {
    let press = Organization::new("Acme").await.device(1).await;
    for part in 0..6 {
        upload(&press, part * 20..part * 20 + 20, 0.5).await;
    }
    // Some again with other values, some late, and a gap.
    upload(&press, 30..50, 1000.0).await;
    upload(&press, 130..140, 0.25).await;
    let before = told(&press).await;
    assert_eq!(blocks(&press).await, (8, 0));

    assert_eq!(
        compact(&press, 1).await,
        json!({ "merged": 8, "made": 1, "expired": 0, "moved": 0 })
    );
    assert_eq!(blocks(&press).await, (9, 8));
    assert_eq!(told(&press).await, before);

    // What comes after goes with the rest of what was there; a round that finds nothing does nothing.
    upload(&press, 45..60, -1.0).await;
    let before = told(&press).await;
    assert_eq!(
        compact(&press, 2).await,
        json!({ "merged": 2, "made": 1, "expired": 0, "moved": 0 })
    );
    assert_eq!(told(&press).await, before);
    assert_eq!(
        compact(&press, 3).await,
        json!({ "merged": 0, "made": 0, "expired": 0, "moved": 0 })
    );
}
