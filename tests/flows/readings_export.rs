//! Readings of a device as a file.

use serde_json::{Value, json};
use tests::{Api, Organization, finished};

/// The file of the task that was accepted, and the task.
pub async fn file(api: &Api, path: &str, asked: &Value) -> (Vec<u8>, Value) {
    let accepted = api.post(path, asked).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let location = accepted.header("location").to_owned();
    let task = finished(api, &location).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    let file = api.get(&format!("{location}/file")).await.expect(200);
    let got = reqwest::get(file["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(got.status(), 200);
    (got.bytes().await.unwrap().to_vec(), task)
}

#[tokio::test]
async fn readings_are_downloaded_as_columns_and_as_lines() {
    let press = Organization::new("Acme").await.device(1).await;
    let reading = |variable: &str, n: i32| json!({ "variable": variable, "time": format!("2026-01-02T03:{n:02}:00Z"), "value": f64::from(n) / 10.0 });
    let mut readings: Vec<Value> = (0..50).map(|n| reading("temperature", n)).collect();
    readings.extend((0..7).map(|n| reading("pressure", n)));
    press.readings(&json!(readings)).await.added().await;

    let exports = format!("{}/exports", press.path);
    let asked = json!({
        "variables": ["temperature", "none", "pressure"], "start": "2026-01-02T03:10:00Z", "end": "2026-01-02T03:40:00Z", "format": "csv",
    });
    let (packed, task) = file(&press.api, &exports, &asked).await;
    let lines = super::journal_export::unpacked(&packed);
    let device = press.path.rsplit('/').next().unwrap();
    assert_eq!(
        (lines.len(), lines[0].as_str()),
        (31, "device,variable,time,value,status,id")
    );
    assert_eq!(
        lines[1],
        format!("{device},temperature,2026-01-02T03:10:00Z,1.0,clean,")
    );
    assert_eq!(task["result"]["readings"], 30);

    let (columns, task) = file(
        &press.api,
        &exports,
        &json!({ "variables": ["temperature", "pressure"] }),
    )
    .await;
    assert!(columns.starts_with(b"PAR1") && columns.ends_with(b"PAR1"));
    assert_eq!(task["result"]["readings"], 57);

    for wrong in [
        json!({ "variables": [] }),
        json!({ "variables": ["a", "a"] }),
        json!({ "variables": ["a"], "format": "xlsx" }),
    ] {
        press.api.post(&exports, &wrong).await.problem(422);
    }
    let nowhere = press.org.path("/devices/dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC/exports");
    press
        .api
        .post(&nowhere, &json!({ "variables": ["a"] }))
        .await
        .problem(404);
    // An operator sends readings and reads none.
    let operator = press.org.member("operator").await;
    operator
        .api
        .post(&exports, &json!({ "variables": ["temperature"] }))
        .await
        .problem(403);
}
