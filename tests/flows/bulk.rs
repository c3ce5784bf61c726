//! A gateway sends the readings of all devices of its line in one request.

use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;
use tests::{Device, Organization, answer, finished};

fn reading(value: f64) -> Value {
    json!({ "variable": "temperature", "time": "2026-01-02T03:04:05Z", "value": value })
}

fn item(device: &Device, readings: &Value) -> Value {
    json!({ "device": device.path.rsplit('/').next(), "readings": readings })
}

fn gzip(body: &Value) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(body.to_string().as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn each_item_is_accepted_or_refused_by_itself() {
    let acme = Organization::new("Acme").await;
    let (press, stranger) = (acme.device(1).await, acme.device(2).await);
    let api = &press.api;
    let project = press.project.as_deref().unwrap();
    let body = json!({ "items": [
        item(&press, &json!([reading(21.5)])),
        item(&stranger, &json!([reading(1.0)])),
        item(&press, &json!([reading(22.5), { "variable": "temperature", "value": "high" }])),
        item(&press, &json!([{ "variable": "pressure", "time": "2026-01-02T03:04:05Z", "value": 2.5 }])),
    ]});
    let request = api.request(Method::POST, &format!("{project}/readings"));
    let request = request
        .header("content-type", "application/json+gzip")
        .body(gzip(&body));
    let items = answer(request).await.expect(207)["items"].clone();
    let statuses: Vec<_> = (0..4).map(|n| items[n]["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [202, 404, 422, 202], "{items}");
    assert_eq!(
        items[1]["problem"]["detail"],
        "There is no such device in this project."
    );
    assert_eq!(items[2]["problem"]["errors"][0]["pointer"], "/readings/1/value");
    for n in [0, 3] {
        let task = items[n]["upload"]["task"].as_str().unwrap();
        let task = finished(api, &acme.path(&format!("/tasks/{task}"))).await;
        assert_eq!((&task["status"], &task["added"]), (&json!("succeeded"), &json!(1)));
    }
    assert_eq!(press.streams().await, ["pressure", "temperature"]);
    assert_eq!(press.all_readings("temperature", "").await[0]["value"], 21.5);
    assert!(stranger.streams().await.is_empty());
}

#[tokio::test]
async fn what_is_no_list_of_items_is_refused_whole() {
    let press = Organization::new("Acme").await.device(1).await;
    let path = format!("{}/readings", press.project.as_deref().unwrap());
    for (body, pointer) in [
        (json!({ "items": [] }), "/items"),
        (
            json!({ "items": [{ "device": "press", "readings": [reading(1.0)] }] }),
            "/items/0/device",
        ),
        (json!({ "readings": [reading(1.0)] }), "readings"),
    ] {
        let refused = press.api.post(&path, &body).await.problem(422);
        assert!(refused.contains(pointer), "{refused}");
    }
    let lines = press.api.upload(&path, "text/plain", b"door open=t 1".to_vec()).await;
    assert!(lines.problem(415).contains("application/json"));
}
