//! One variable across the devices of a project.

use serde_json::{Value, json};
use tests::{Device, Organization};

/// A project with two presses and a device that says nothing: ten and five readings of the hour from three, one of the next hour.
async fn line() -> (Organization, String) {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line 4").await;
    for (hardware_id, count) in [(1, 10), (2, 5), (3, 0)] {
        let body = json!({ "name": "Press", "hardware_id": hardware_id });
        let device = acme
            .owner
            .api
            .post(&format!("{project}/devices"), &body)
            .await
            .expect(201);
        let press = Device {
            org: acme.clone(),
            path: acme.path(&format!("/devices/{}", device["id"].as_str().unwrap())),
            project: Some(project.clone()),
            api: acme.owner.api.clone(),
        };
        let reading = |n: i32| json!({ "variable": "t", "time": format!("2026-01-02T03:{n:02}:00Z"), "value": hardware_id * 100 + n });
        let mut readings: Vec<Value> = (0..count).map(reading).collect();
        if hardware_id == 2 {
            readings.push(json!({ "variable": "t", "time": "2026-01-02T04:00:00Z", "value": 7 }));
        }
        if !readings.is_empty() {
            press.readings(&json!(readings)).await.added().await;
        }
    }
    (acme, format!("{project}/statistics"))
}

const RANGE: &str = "variable=t&start=2026-01-02T00:00:00Z&end=2026-01-03T00:00:00Z";

#[tokio::test]
async fn a_variable_is_told_of_all_devices_of_a_project_or_of_each() {
    let (acme, path) = line().await;
    let api = &acme.owner.api;
    let all = api.get(&format!("{path}?{RANGE}&window=1h")).await.expect(200);
    let told: Vec<_> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            json!([
                it["start"],
                it["devices"],
                it["count"],
                it["min"],
                it["max"],
                it["first"],
                it["last"],
                it["rate"]
            ])
        })
        .collect();
    let expected = [
        json!(["2026-01-02T03:00:00Z", 2, 15, 100.0, 204.0, 100.0, 109.0, null]),
        json!(["2026-01-02T04:00:00Z", 1, 1, 7.0, 7.0, 7.0, 7.0, null]),
    ];
    // Which of two readings of one time is first, nothing decides.
    assert_eq!(told[1], expected[1]);
    for place in [0, 1, 2, 3, 4, 6, 7] {
        assert_eq!(told[0][place], expected[0][place], "{place}");
    }
    let mean = (1_045.0 + 1_010.0) / 15.0;
    assert!((all["items"][0]["mean"].as_f64().unwrap() - mean).abs() < 1e-9, "{all}");
    let ranked = api
        .get(&format!("{path}?{RANGE}&window=1h&percentiles=0,50,100"))
        .await
        .expect(200);
    let ranks = ranked["items"][0]["percentiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["value"]);
    assert_eq!(ranks.collect::<Vec<_>>(), [100.0, 107.0, 204.0], "{ranked}");
    assert_eq!(ranked["items"][1]["count"], 1);
    let page = api.get(&format!("{path}?{RANGE}&window=1h&limit=1")).await.expect(200);
    let next = page["next"].as_str().unwrap();
    let rest = api
        .get(&format!("{path}?{RANGE}&window=1h&limit=1&cursor={next}"))
        .await
        .expect(200);
    assert_eq!((&rest["items"][0], &rest["next"]), (&all["items"][1], &Value::Null));

    let apart = api
        .get(&format!("{path}?{RANGE}&window=1h&by=device"))
        .await
        .expect(200);
    let counts: Vec<_> = apart["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [10, 5, 1]);
    assert_ne!(apart["items"][0]["device"], apart["items"][1]["device"]);
    let whole = api.get(&format!("{path}?{RANGE}")).await.expect(200);
    assert_eq!(
        (&whole["items"][0]["count"], &whole["next"]),
        (&json!(16), &Value::Null)
    );

    api.get(&format!("{path}?variable=t&window=1h")).await.problem(400);
    let of_each = format!("{path}?{RANGE}&by=device&percentiles=50");
    api.get(&of_each).await.problem(400);
    api.get(&format!("{path}?{RANGE}&window=1s")).await.problem(400);
    let nowhere = acme.path("/projects/prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC/statistics");
    api.get(&format!("{nowhere}?{RANGE}")).await.problem(404);
}
