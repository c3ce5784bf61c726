//! A stream that is a formula over others: read wherever a stored one is, and nowhere written.

use super::journal_export::unpacked;
use serde_json::{Value, json};
use tests::{Device, Organization, finished};

fn reading(variable: &str, minute: u32, value: f64) -> Value {
    json!({ "variable": variable, "time": format!("2026-01-02T03:{minute:02}:00Z"), "value": value })
}

fn path(press: &Device, below: &str) -> String {
    format!("{}/streams/{below}", press.path)
}

/// Minutes and values of readings.
fn told(readings: &[Value]) -> Vec<(String, f64)> {
    let one = |of: &Value| {
        (
            of["time"].as_str().unwrap()[14..16].to_owned(),
            of["value"].as_f64().unwrap(),
        )
    };
    readings.iter().map(one).collect()
}

fn at(minute: &str, value: f64) -> (String, f64) {
    (minute.to_owned(), value)
}

/// A press with the heat that goes through it, of two temperatures and a flow whose stored values are tenths.
async fn press() -> Device {
    let press = Organization::new("Acme").await.device(1).await;
    let tenths = json!({ "output_scale": { "divisor": 10 } });
    press
        .api
        .patch(&path(&press, "flow"), "\"0\"", &tenths)
        .await
        .expect(200);
    let readings = json!([
        reading("inlet", 0, 80.0),
        reading("5c00", 1, 60.0),
        reading("flow", 2, 20.0),
        reading("inlet", 3, 90.0),
        reading("5c00", 3, 65.0),
        reading("flow", 5, 0.0),
        reading("flow", 7, 10.0),
    ]);
    press.readings(&readings).await.added().await;
    let heat = json!({ "formula": "(inlet - [5c00]) * flow", "unit": "kW", "output_scale": { "multiplier": 2 } });
    let laid = press.api.patch(&path(&press, "heat"), "\"0\"", &heat).await.expect(200);
    assert_eq!(
        (&laid["formula"], laid["last"]["value"].as_f64()),
        (&heat["formula"], Some(50.0))
    );
    press
}

#[tokio::test]
async fn a_computed_stream_is_read_wherever_a_stored_one_is() {
    let press = press().await;
    assert_eq!(press.streams().await, ["5c00", "flow", "heat", "inlet"]);
    let all = [at("02", 80.0), at("03", 100.0), at("05", 0.0), at("07", 50.0)];
    assert_eq!(told(&press.all_readings("heat", "").await), all);
    assert_eq!(
        told(&press.all_readings("heat", "&scale=none").await)[0],
        at("02", 40.0)
    );
    // A range begins with what its inputs hold.
    let range = "&start=2026-01-02T03:04:00Z&end=2026-01-02T03:07:00Z";
    assert_eq!(told(&press.all_readings("heat", range).await), [at("05", 0.0)]);
    let newest = press.api.get(&path(&press, "heat/readings?last=2")).await.expect(200);
    assert_eq!(
        (told(newest["items"].as_array().unwrap()), &newest["unit"]),
        (all[2..].to_vec(), &json!("kW"))
    );
    let mut paged = Vec::new();
    let mut cursor = String::new();
    for _ in 0..2 {
        let page = press
            .api
            .get(&path(&press, &format!("heat/readings?limit=2{cursor}")))
            .await
            .expect(200);
        paged.extend(told(page["items"].as_array().unwrap()));
        cursor = format!("&cursor={}", page["next"].as_str().unwrap_or_default());
    }
    assert_eq!((paged, cursor), (all.to_vec(), "&cursor=".to_owned()));
    let lines = press.api.get(&path(&press, "heat/readings?format=csv")).await;
    assert_eq!(lines.text.lines().nth(1), Some("2026-01-02T03:02:00Z,80.0,clean,"));
    let several = press
        .api
        .get(&format!("{}/readings?variables=heat,inlet", press.path))
        .await
        .expect(200);
    let named: Vec<_> = several["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["variable"].clone())
        .collect();
    assert_eq!(named, ["heat", "heat", "heat", "heat", "inlet", "inlet"]);

    let windows = press.statistics("heat", "window=5m&percentiles=100").await;
    let of =
        |window: &Value| ["count", "min", "max", "sum", "first", "last"].map(|name| window[name].as_f64().unwrap());
    assert_eq!(of(&windows[0]), [2.0, 80.0, 100.0, 180.0, 80.0, 100.0]);
    assert_eq!(of(&windows[1]), [2.0, 0.0, 50.0, 50.0, 0.0, 50.0]);
    let range = "variable=heat&start=2026-01-02T03:00:00Z&end=2026-01-02T04:00:00Z";
    let project = press.project.as_deref().unwrap();
    let together = press
        .api
        .get(&format!("{project}/statistics?{range}"))
        .await
        .expect(200);
    assert_eq!(of(&together["items"][0]), [4.0, 0.0, 100.0, 230.0, 80.0, 50.0]);
    let gaps = press
        .api
        .get(&path(&press, "heat/gaps?longer_than=90s"))
        .await
        .expect(200);
    assert_eq!(gaps["items"].as_array().unwrap().len(), 2);

    let asked = json!({ "variables": ["heat"], "start": "2026-01-02T03:03:00Z", "format": "csv" });
    let accepted = press.api.post(&format!("{}/exports", press.path), &asked).await;
    let location = accepted.header("location").to_owned();
    assert_eq!(finished(&press.api, &location).await["result"]["readings"], 3);
    let file = press.api.get(&format!("{location}/file")).await.expect(200);
    let file = reqwest::get(file["url"].as_str().unwrap()).await.unwrap();
    let lines = unpacked(&file.bytes().await.unwrap());
    assert!(
        lines[1].ends_with(",heat,2026-01-02T03:03:00Z,100.0,clean,"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_computed_stream_takes_nothing_and_is_made_of_stored_ones_alone() {
    let press = press().await;
    let patch = async |variable: &str, version: &str, formula: Value| {
        let body = json!({ "formula": formula });
        press
            .api
            .patch(&path(&press, variable), &format!("\"{version}\""), &body)
            .await
    };
    for (formula, told) in [
        ("inlet *", "column 8: expected a number"),
        ("5c00 * 2", "column 1: a name that begins with a digit"),
        ("1 + 2", "must name a variable"),
        ("heat + inlet", "must not be over the stream itself"),
    ] {
        let refused = patch("heat", "1", json!(formula)).await;
        let (pointer, detail) = (
            &refused.body["errors"][0]["pointer"],
            &refused.body["errors"][0]["detail"],
        );
        assert!(detail.as_str().unwrap().contains(told), "{detail}");
        assert_eq!((refused.status, pointer), (422, &json!("/formula")));
    }
    patch("more", "0", json!("heat * 2")).await.problem(422);
    patch("flow", "1", json!("inlet * 2")).await.problem(422);
    // What is stored would be seen no more.
    press.readings(&json!([reading("stored", 0, 1.0)])).await.added().await;
    patch("stored", "0", json!("inlet * 2")).await.problem(409);

    let upload = press
        .readings(&json!([reading("heat", 9, 1.0), reading("inlet", 9, 95.0)]))
        .await;
    assert_eq!(upload.added().await, 1);
    let task = finished(&press.api, &upload.location).await;
    assert_eq!(
        (&task["refusals"][0]["variable"], &task["refusals"][0]["reason"]),
        (&json!("heat"), &json!("computed"))
    );
    let range = json!({ "start": "2026-01-02T03:00:00Z", "end": "2026-01-02T04:00:00Z", "reason": "none" });
    press
        .api
        .post(&path(&press, "heat/deletions"), &range)
        .await
        .problem(409);
    assert_eq!(
        told(&press.all_readings("heat", "").await).last(),
        Some(&at("09", 60.0))
    );
    let filter = json!({ "initial": "cold", "states": [{ "name": "cold" }], "transitions": [] });
    let put = press
        .api
        .request(reqwest::Method::PUT, &path(&press, "heat/filter"))
        .header("if-match", "\"0\"");
    tests::answer(put.json(&filter)).await.problem(409);

    // Without its formula it is a stream like any other, with nothing stored.
    patch("heat", "1", Value::Null).await.expect(200);
    assert!(press.all_readings("heat", "").await.is_empty());
    patch("more", "0", json!("heat * 2")).await.expect(200);
    assert_eq!(press.readings(&json!([reading("heat", 9, 4.0)])).await.added().await, 1);
    assert_eq!(told(&press.all_readings("more", "").await), [at("09", 16.0)]);
}
