//! What a stream is, laid down and heeded: scales, types, retention; and ranges that are deleted, and stay so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blocks::{Reading, Status};
use domain::packed::PackedReadings;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Device, Organization, PATIENCE, aws, finished, now};

/// So many hours before now, to the second.
fn ago(hours: i64) -> Timestamp {
    let then = now() - SignedDuration::from_hours(hours);
    Timestamp::from_second(then.as_second()).unwrap()
}

fn reading(variable: &str, hours_ago: i64, value: f64) -> Value {
    json!({ "variable": variable, "time": ago(hours_ago).to_string(), "value": value })
}

impl Stream<'_> {
    async fn lay_down(&self, version: &str, settings: &Value) -> Value {
        let laid = self.press.api.patch(&self.path(""), version, settings).await;
        laid.expect(200)
    }

    fn path(&self, below: &str) -> String {
        format!("{}/streams/{}{below}", self.press.path, self.variable)
    }

    /// The values of its readings as they are told.
    async fn values(&self, query: &str) -> Vec<f64> {
        let readings = self.press.all_readings(self.variable, query).await;
        readings.iter().map(|of| of["value"].as_f64().unwrap()).collect()
    }
}

struct Stream<'a> {
    press: &'a Device,
    variable: &'a str,
}

#[tokio::test]
async fn what_is_laid_down_of_a_stream_holds_for_what_is_stored_and_what_is_shown() {
    let press = Organization::new("Acme").await.device(1).await;
    let stream = |variable| Stream {
        press: &press,
        variable,
    };
    let oil = stream("oil");
    press.api.get(&oil.path("")).await.problem(404);
    // In advance of the first reading.
    let laid = oil
        .lay_down(
            "\"0\"",
            &json!({ "unit": "°C", "description": "At the outlet", "input_scale": { "divisor": 10 } }),
        )
        .await;
    assert_eq!(
        (&laid["unit"], &laid["enabled"], &laid["data_type"], &laid["created_at"]),
        (&json!("°C"), &json!(true), &json!("number"), &Value::Null)
    );
    stream("on").lay_down("\"0\"", &json!({ "data_type": "boolean" })).await;
    stream("off").lay_down("\"0\"", &json!({ "enabled": false })).await;
    stream("kept").lay_down("\"0\"", &json!({ "retention": 1 })).await;
    press
        .api
        .patch(&oil.path(""), "\"0\"", &json!({ "unit": "K" }))
        .await
        .problem(412);
    for wrong in [
        json!({}),
        json!({ "input_scale": { "divisor": 0 } }),
        json!({ "retention": 0 }),
        json!({ "unit": "" }),
    ] {
        press.api.patch(&oil.path(""), "\"1\"", &wrong).await.problem(422);
    }

    let readings = json!([
        reading("oil", 90, 200.0),
        reading("oil", 3, 210.0),
        reading("oil", 2, 220.0),
        reading("oil", 1, 230.0),
        reading("on", 2, 1.0),
        reading("on", 1, 2.0),
        reading("off", 1, 1.0),
        reading("kept", 1, 5.0),
        reading("kept", 90, 6.0),
        reading("plain", 1, 7.0),
    ]);
    let upload = press.readings(&readings).await;
    assert_eq!(upload.added().await, 7);
    let task = finished(&press.api, &upload.location).await;
    let told = task["refusals"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .map(|told| json!([told["variable"], told["reason"], told["count"]]))
        .collect();
    assert_eq!(
        (task["refused"].as_u64(), json!(told)),
        (
            Some(3),
            json!([
                ["kept", "expired", 1],
                ["off", "disabled", 1],
                ["on", "not_a_boolean", 1]
            ])
        )
    );
    assert_eq!(press.streams().await, ["kept", "oil", "on", "plain"]);

    // By the scales of the stream and of who asks.
    assert_eq!(oil.values("").await, [20.0, 21.0, 22.0, 23.0]);
    oil.lay_down(
        "\"1\"",
        &json!({ "output_scale": { "offset": 100, "multiplier": -2 }, "retention": 3 }),
    )
    .await;
    assert_eq!(oil.values("").await, [58.0, 56.0, 54.0]);
    assert_eq!(oil.values("&scale=none").await, [21.0, 22.0, 23.0]);
    assert_eq!(oil.values("&rescale=1,1,2").await, [30.0, 29.0, 28.0]);
    let several = press
        .api
        .get(&format!("{}/readings?variables=plain,oil&limit=2", press.path))
        .await
        .expect(200);
    assert_eq!(
        (&several["items"][0]["value"], &several["items"][1]["value"]),
        (&json!(7.0), &json!(58.0))
    );
    let statistics = press
        .api
        .get(&oil.path("/statistics?percentiles=0,50,100"))
        .await
        .expect(200);
    let window = &statistics["items"][0];
    let told =
        ["count", "min", "max", "sum", "mean", "stddev", "first", "last"].map(|name| window[name].as_f64().unwrap());
    assert_eq!(told, [3.0, 54.0, 58.0, 168.0, 56.0, 2.0, 58.0, 54.0]);
    let percentiles = [0, 1, 2].map(|n| window["percentiles"][n]["value"].as_f64().unwrap());
    assert_eq!((percentiles, &statistics["unit"]), ([54.0, 56.0, 58.0], &json!("°C")));
    let plainly = press.api.get(&oil.path("/readings?scale=none")).await.expect(200);
    assert_eq!(plainly.get("unit"), None);
    press.api.get(&oil.path("/readings?rescale=1,2")).await.problem(400);
    let shown = press.api.get(&oil.path("")).await;
    assert_eq!(shown.header("etag"), "\"2\"");
    assert_eq!(shown.expect(200)["last"]["value"], 54.0);

    // The journal tells what was, and what is.
    let journal = press.api.get(&press.org.path("/journal")).await.expect(200);
    let entries = journal["items"].as_array().unwrap().iter();
    let mut told = entries.filter(|entry| entry["action"] == "stream.updated" && entry["before"]["unit"] == "°C");
    assert_eq!(told.next().unwrap()["after"]["retention"], 3);
}

/// A message of an upload that was accepted at that moment, as telemetry queues it.
fn accepted_at(press: &Device, moment: Timestamp, time: Timestamp, value: f64) -> (ulid::Ulid, Value) {
    let reading = Reading {
        time: i64::try_from(time.as_nanosecond()).unwrap(),
        value,
        status: Status::Clean,
        id: None,
    };
    let packed = PackedReadings::pack([("oil".parse().unwrap(), vec![reading])].into()).unwrap();
    let ulid = ulid::Ulid::from_parts(u64::try_from(moment.as_millisecond()).unwrap(), 7);
    let message = json!({
        "task": format!("tsk_{ulid}-4D2Q8R7T0A1B2C3D4E5F6G7H8J"), "org": press.org.id, "device": press.path.rsplit('/').next(),
        "count": 1, "content": { "type": "readings" }, "body": { "inline": STANDARD.encode(packed.to_bytes().unwrap()) },
    });
    (ulid, message)
}

#[tokio::test]
async fn a_range_that_is_deleted_is_gone_at_once_and_stays_so() {
    let press = Organization::new("Acme").await.device(1).await;
    let oil = Stream {
        press: &press,
        variable: "oil",
    };
    let readings: Vec<_> = (1..=6)
        .map(|hours| reading("oil", hours, f64::from(i32::try_from(hours).unwrap())))
        .collect();
    assert_eq!(press.readings(&json!(readings)).await.added().await, 6);
    let (start, end) = (
        ago(4) - SignedDuration::from_secs(60),
        ago(2) - SignedDuration::from_secs(60),
    );
    let body = json!({ "start": start.to_string(), "end": end.to_string(), "reason": "the sensor hung loose" });
    let path = oil.path("/deletions");
    let (before, until) = (
        now(),
        json!({ "start": end.to_string(), "end": start.to_string(), "reason": "no" }),
    );
    press.api.post(&path, &until).await.problem(422);
    let ask = async || {
        let request = press
            .api
            .request(reqwest::Method::POST, &path)
            .header("idempotency-key", "one");
        tests::answer(request.json(&body)).await
    };
    let (first, again) = (ask().await, ask().await);
    assert_eq!((first.status, &first.body), (202, &again.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(oil.values("").await, [6.0, 5.0, 2.0, 1.0]);
    assert_eq!(press.statistics("oil", "").await[0]["count"], 4);
    let task = press.api.get(first.header("location")).await.expect(200);
    assert_eq!(
        (&task["kind"], &task["error"]),
        (&json!("readings.delete"), &Value::Null)
    );

    // An upload from before is worked off only now; one from after counts.
    let (ulid, message) = accepted_at(&press, before, ago(3), 30.0);
    aws::send("readings", &message).await;
    let outcomes = format!("OUTCOME#{}", ulid.timestamp_ms() / 10_000);
    let begun = Instant::now();
    let outcome = loop {
        let rows = aws::partition(&press.org.table(), &outcomes).await;
        let outcomes = rows.iter().filter_map(|row| row["outcomes"].as_array()).flatten();
        let mut ours = outcomes.filter(|outcome| {
            outcome["task"]
                .as_str()
                .is_some_and(|task| task.contains(&ulid.to_string()))
        });
        if let Some(outcome) = ours.next() {
            break outcome.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "the upload is not worked off");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(
        (&outcome["added"], &outcome["refusals"][0]["reason"]),
        (&json!(0), &json!("deleted"))
    );
    assert_eq!(oil.values("").await, [6.0, 5.0, 2.0, 1.0]);
    assert_eq!(press.readings(&json!([reading("oil", 3, 33.0)])).await.added().await, 1);
    assert_eq!(oil.values("").await, [6.0, 5.0, 33.0, 2.0, 1.0]);
}
