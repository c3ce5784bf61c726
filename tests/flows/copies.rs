//! A range of a stream, copied into another.

use serde_json::{Value, json};
use tests::{Answer, Device, Organization, finished};

fn reading(variable: &str, minute: u32, value: f64) -> Value {
    json!({ "variable": variable, "time": format!("2026-01-02T03:{minute:02}:00Z"), "value": value })
}

async fn values(press: &Device, variable: &str) -> Vec<f64> {
    let readings = press.all_readings(variable, "").await;
    readings.iter().map(|of| of["value"].as_f64().unwrap()).collect()
}

async fn copy(press: &Device, variable: &str, target: &Value) -> Answer {
    let path = format!("{}/streams/{variable}/copies", press.path);
    let body = json!({ "start": "2026-01-02T03:01:00Z", "end": "2026-01-02T03:04:00Z", "target": target });
    let request = press.api.request(reqwest::Method::POST, &path).json(&body);
    tests::answer(request.header("idempotency-key", format!("{variable}{target}"))).await
}

async fn copied(press: &Device, variable: &str, target: &Value) -> Value {
    let accepted = copy(press, variable, target).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let again = copy(press, variable, target).await;
    assert_eq!(
        (&again.body, again.header("idempotency-replayed")),
        (&accepted.body, "true")
    );
    let task = finished(&press.api, accepted.header("location")).await;
    assert_eq!(
        (&task["kind"], &task["status"]),
        (&json!("readings.copy"), &json!("succeeded")),
        "{task}"
    );
    task["result"].clone()
}

#[tokio::test]
async fn a_range_is_copied_into_another_stream_and_a_formula_into_a_stored_one() {
    let acme = Organization::new("Acme").await;
    let (press, oven) = (acme.device(1).await, acme.device(2).await);
    let readings = (0..6).map(|n| reading("oil", n, f64::from(n))).collect::<Vec<_>>();
    press.readings(&json!(readings)).await.added().await;
    let elsewhere = json!({ "variable": "oil", "device": oven.path.rsplit('/').next() });
    assert_eq!(
        copied(&press, "oil", &elsewhere).await,
        json!({ "count": 3, "refused": {} })
    );
    assert_eq!(values(&oven, "oil").await, [1.0, 2.0, 3.0]);
    // What comes later wins; what is copied once more counts once.
    oven.readings(&json!([reading("oil", 2, 20.0)])).await.added().await;
    assert_eq!(values(&oven, "oil").await, [1.0, 20.0, 3.0]);

    let streams = |variable: &str| format!("{}/streams/{variable}", press.path);
    let laid = [
        (
            "twice",
            json!({ "formula": "oil * 2.5", "output_scale": { "divisor": 10 } }),
        ),
        ("off", json!({ "enabled": false })),
        (
            "whole",
            json!({ "data_type": "integer", "input_scale": { "multiplier": 100 } }),
        ),
    ];
    for (variable, settings) in laid {
        press
            .api
            .patch(&streams(variable), "\"0\"", &settings)
            .await
            .expect(200);
    }
    let whole = copied(&press, "twice", &json!({ "variable": "whole" })).await;
    assert_eq!(whole, json!({ "count": 1, "refused": { "not_an_integer": 2 } }));
    assert_eq!(values(&press, "whole").await, [5.0]);

    let refused = async |variable: &str, target: Value, status| copy(&press, variable, &target).await.problem(status);
    refused("oil", json!({ "variable": "oil" }), 422).await;
    refused(
        "oil",
        json!({ "variable": "a", "device": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }),
        422,
    )
    .await;
    refused("twice", json!({ "variable": "oil" }), 422).await;
    refused("oil", json!({ "variable": "twice" }), 409).await;
    refused("oil", json!({ "variable": "off" }), 409).await;
    refused("none", json!({ "variable": "a" }), 404).await;
    // Whoever reads may not write, and whoever writes may not read.
    for role in ["viewer", "operator"] {
        let member = acme.member(role).await;
        let mut press = press.clone();
        press.api = member.api;
        copy(&press, "oil", &json!({ "variable": "b" })).await.problem(403);
    }
    let journal = press.api.get(&acme.path("/journal")).await.expect(200);
    let entries = journal["items"].as_array().unwrap().iter();
    assert_eq!(entries.filter(|entry| entry["action"] == "readings.copied").count(), 2);
}
