//! Older readings move to files of the storage bucket, of which nobody who reads notices.

use super::compaction::{compact, told};
use super::readings_export::file;
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Api, Device, Organization, answer, aws, noise, now};

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// The first second of the window of blocks that was a hundred days ago: blocks end there, and all of it is older than thirty days.
fn border() -> i64 {
    let then = (now().as_second() - 100 * DAY) * SECOND;
    (then & !(blocks::WINDOW - 1)) / SECOND + 1
}

fn at(minute: i64) -> String {
    Timestamp::from_second(border() + MINUTE * minute).unwrap().to_string()
}

async fn upload(press: &Device, minutes: std::ops::Range<i64>, value: impl Fn(i64) -> f64) {
    let reading = |minute: i64| json!({ "variable": "temperature", "time": at(minute), "value": value(minute) });
    let readings: Vec<Value> = minutes.map(reading).collect();
    press.readings(&json!(readings)).await.added().await;
}

/// The blocks of the stream that are not to go: how many, and how many of them lie in files.
async fn blocks(press: &Device) -> (usize, usize) {
    let device = press.path.rsplit('/').next().unwrap();
    let rows = aws::partition(&press.org.table(), &format!("BLOCK#{device}#temperature")).await;
    let rows: Vec<_> = rows.iter().filter(|row| row["expires_at"].is_null()).collect();
    let away = rows.iter().filter(|row| row["file"].is_string()).count();
    (rows.len(), away)
}

/// The keys of an organisation's files.
async fn files(org: &str) -> Vec<String> {
    let list = format!("/{}?list-type=2&prefix=blocks/{org}/", tests::bucket());
    let list = answer(Api::at(tests::endpoint()).request(reqwest::Method::GET, &list)).await;
    let keys = list.text.split("<Key>").skip(1);
    keys.filter_map(|rest| rest.split('<').next().map(str::to_owned))
        .collect()
}

/// Lays down when an organisation's readings move, by its owner.
async fn lay_down(org: &Organization, version: &str, age: &Value) -> tests::Answer {
    let body = json!({ "archive_readings_after": age });
    org.owner.api.patch(&org.path(""), version, &body).await
}

async fn exported(press: &Device) -> Vec<String> {
    let asked = json!({ "variables": ["temperature"], "format": "csv" });
    let (packed, _) = file(&press.api, &format!("{}/exports", press.path), &asked).await;
    super::journal_export::unpacked(&packed)
}

#[tokio::test]
async fn nobody_notices_what_has_moved_to_files() {
    let acme = Organization::new("Acme").await;
    let press = acme.device(1).await;
    lay_down(&acme, "\"1\"", &json!(29)).await.problem(422);
    let laid = lay_down(&acme, "\"1\"", &json!(30)).await.expect(200);
    assert_eq!(laid["archive_readings_after"], 30);
    acme.member("operator")
        .await
        .api
        .patch(&acme.path(""), "\"2\"", &json!({ "archive_readings_after": null }))
        .await
        .problem(403);

    // Over the border of two windows of blocks, some again with other values.
    upload(&press, -900..0, noise).await;
    upload(&press, 0..950, noise).await;
    upload(&press, 100..120, |_| -1.0).await;
    let (before, lines) = (told(&press).await, exported(&press).await);
    assert_eq!((blocks(&press).await, files(&acme.id).await.len()), ((3, 0), 0));

    let result = compact(&press, 1).await;
    assert_eq!(result, json!({ "merged": 2, "made": 1, "expired": 0, "moved": 2 }));
    assert_eq!(blocks(&press).await, (2, 2));
    let found = files(&acme.id).await;
    assert_eq!(found.len(), 1);
    let device = press.path.rsplit('/').next().unwrap();
    assert!(found[0].starts_with(&format!("blocks/{}/{device}/temperature/", acme.id)));
    assert_eq!(told(&press).await, before);
    assert_eq!(exported(&press).await, lines);

    // A reading that comes late wins over one in a file, and what is deleted is not shown, be it in one.
    upload(&press, 50..51, |_| 4.5).await;
    let values = async |from, to| {
        let query = format!("&start={}&end={}", at(from), at(to));
        let readings = press.all_readings("temperature", &query).await;
        readings
            .iter()
            .map(|of| of["value"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(values(49, 52).await, [noise(49), 4.5, noise(51)]);
    let range = json!({ "start": at(60), "end": at(70), "reason": "the sensor hung loose" });
    let deletion = press
        .api
        .post(&format!("{}/streams/temperature/deletions", press.path), &range)
        .await;
    assert_eq!(deletion.status, 202, "{}", deletion.text);
    assert_eq!(values(59, 71).await, [noise(59), noise(70)]);
    let statistics = press
        .statistics("temperature", &format!("start={}&end={}", at(-900), at(950)))
        .await;
    assert_eq!(statistics[0]["count"], 1_840);
    assert_eq!(exported(&press).await.len(), lines.len() - 10);

    // A round that finds nothing to move moves nothing.
    assert_eq!(compact(&press, 2).await["moved"], 0);
    assert_eq!((blocks(&press).await, files(&acme.id).await), ((3, 2), found));
}
