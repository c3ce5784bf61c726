//! The sample events, each fed to the router; and what else a sender may try.

use crate::world::{World, answer, report, sample};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::task::{UploadBody, UploadContent};
use serde_json::{Value, json};

/// What each sample is answered with: status, messages queued, objects kept.
const SAMPLES: [(&str, u16, (usize, usize)); 15] = [
    ("upload_readings", 202, (1, 0)),
    ("upload_own_readings", 202, (1, 0)),
    ("upload_readings_too_great", 422, (0, 0)),
    ("upload_readings_stranger", 404, (0, 0)),
    ("upload_report", 202, (1, 0)),
    ("upload_report_json", 202, (1, 0)),
    ("upload_report_corrupt", 422, (0, 1)),
    ("upload_report_other_device", 404, (0, 1)),
    ("upload_report_undated", 400, (0, 0)),
    ("list_streams", 200, (0, 0)),
    ("list_readings", 200, (0, 0)),
    ("get_statistics", 200, (0, 0)),
    ("list_events", 200, (0, 0)),
    ("get_event_stranger", 404, (0, 0)),
    // Without a range.
    ("get_project_statistics_wrong", 400, (0, 0)),
];

#[tokio::test]
async fn every_sample_is_answered_as_its_name_says() {
    for (name, status, kept) in SAMPLES {
        let world = World::new().await;
        let answered = world.send(&sample(name)).await;
        assert_eq!((answered.status, world.kept()), (status, kept), "{name}: {answered:?}");
    }
}

#[test]
fn no_sample_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/telemetry");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SAMPLES.len());
}

#[tokio::test]
async fn readings_ride_in_the_message_and_are_answered_with_their_task() {
    let world = World::new().await;
    let answered = world.send(&sample("upload_readings")).await;
    let (message, _) = world.queued();
    assert_eq!(answered.body, json!({ "task": message.task.to_string(), "count": 1 }));
    assert!(
        answered
            .location
            .unwrap()
            .ends_with(&format!("/tasks/{}", message.task))
    );
    assert_eq!((message.count, message.content), (1, UploadContent::Readings));
}

#[tokio::test]
async fn a_report_travels_whole_in_the_order_of_its_streamer() {
    let world = World::new().await;
    assert_eq!(world.send(&sample("upload_report")).await.body["count"], 16);
    let (message, call) = world.queued();
    assert_eq!(
        message.body,
        UploadBody::Inline(STANDARD.encode(report("valid_small_16.bin")))
    );
    assert_eq!(call["MessageGroupId"], format!("{}#0", message.device));
    assert_eq!(call["MessageDeduplicationId"], message.task.ulid().to_string());
}

#[tokio::test]
async fn a_report_that_makes_too_much_is_refused() {
    // The sample with one of its lists made of so many copies of the list's first, each changed.
    let repeated = |list: &str, times: u32, change: fn(&mut Value, u32)| {
        let mut event = sample("upload_report_json");
        let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
        let copies = (0..times).map(|n| {
            let mut copy = body[list][0].clone();
            change(&mut copy, n);
            copy
        });
        body[list] = copies.collect();
        let all = ["data", "events"]
            .map(|list| body[list].as_array().unwrap().clone())
            .concat();
        let ids = || all.iter().map(|one| one["streamer_local_id"].as_u64().unwrap());
        (body["lowest_id"], body["highest_id"]) = (json!(ids().min()), json!(ids().max()));
        event["body"] = json!(body.to_string());
        event
    };
    let streams = |count| repeated("data", count, |reading, n| reading["stream"] = json!(n));
    let events = |count| repeated("events", count, |_, _| ());
    for (event, status, says) in [
        (streams(1_024), 202, ""),
        (streams(1_025), 422, "1025 blocks would be made of it"),
        (events(1_000), 202, ""),
        (events(1_001), 422, "it has 1001 events; send at most 1,000"),
    ] {
        let answered = World::new().await.send(&event).await;
        let detail = answered.body["detail"].as_str().unwrap_or_default();
        assert!(answered.status == status && detail.contains(says), "{answered:?}");
    }
}

#[tokio::test]
async fn what_is_too_long_for_a_message_goes_by_the_bucket() {
    let world = World::new().await;
    let mut event = sample("upload_report_json");
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    body["padding"] = json!("x".repeat(200_000));
    event["body"] = json!(body.to_string());
    assert_eq!(world.send(&event).await.status, 202);
    let (message, _) = world.queued();
    let key = format!("uploads/{}/{}", message.org, message.task);
    assert_eq!(message.body, UploadBody::Object(key.clone()));
    assert_eq!(world.aws.calls(&format!("PUT /storage/{key}")).len(), 1);
}

#[tokio::test]
async fn a_refused_report_is_kept_with_its_reason() {
    let world = World::new().await;
    let answered = world.send(&sample("upload_report_other_device")).await;
    let kept = world
        .aws
        .calls("PUT /storage/errors/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC/dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC/");
    assert!(
        kept[0]
            .headers
            .contains("x-amz-meta-reason: it is of the device with hardware id 57005"),
        "{}",
        kept[0].headers
    );
    let detail = answered.body["detail"].as_str().unwrap();
    assert!(detail.contains("57005") && detail.contains("12345"), "{detail}");
}

#[tokio::test]
async fn without_its_queue_nothing_is_accepted() {
    for name in ["upload_readings", "upload_report"] {
        let world = World::answering(|call| match call.operation.as_str() {
            "AmazonSQS.SendMessage" => (400, json!({ "__type": "QueueDoesNotExist" }).to_string().into_bytes()),
            _ => answer(call),
        });
        let answered = world.await.send(&sample(name)).await;
        assert_eq!((answered.status, answered.location), (503, None), "{name}");
    }
}

#[tokio::test]
async fn a_bad_reading_is_pointed_at() {
    let reading = |variable: &str, time: &str, value: &str| {
        format!(r#"{{"variable":"{variable}","time":"{time}","value":{value}}}"#)
    };
    let good = reading("a", "2026-01-02T03:04:05Z", "1");
    let now = "2026-01-02T03:04:05Z";
    for (bad, pointer) in [
        (reading("a", now, "1e999"), "/readings/1/value"),
        (reading("a", now, "-1e999"), "/readings/1/value"),
        (reading("a", now, "null"), "/readings/1/value"),
        (reading("a", now, "\"1\""), "/readings/1/value"),
        (reading("a", now, "[1]"), "/readings/1/value"),
        (reading("a b", now, "1"), "/readings/1/variable"),
        (reading("a", "yesterday", "1"), "/readings/1/time"),
        (reading("a", "1969-01-01T00:00:00Z", "1"), "/readings/1/time"),
        (
            r#"{"variable":"a","time":"2026-01-02T03:04:05Z"}"#.to_owned(),
            "/readings/1",
        ),
        (
            r#"{"variable":"a","time":"2026-01-02T03:04:05Z","value":1,"unit":"C"}"#.to_owned(),
            "/readings/1/unit",
        ),
        (vec![good.clone(); 10_000].join(","), "/readings"),
        (
            (0..1_024)
                .map(|n| {
                    reading(
                        &format!("v{}", n % 4),
                        &format!("{}-01-01T00:00:00Z", 1970 + n / 4),
                        "1",
                    )
                })
                .collect::<Vec<_>>()
                .join(","),
            "/readings",
        ),
        (
            (0..257)
                .map(|n| reading(&n.to_string(), now, "1"))
                .collect::<Vec<_>>()
                .join(","),
            "/readings",
        ),
    ] {
        let answered = post_readings(&format!(r#"{{"readings":[{good},{bad}]}}"#)).await;
        assert_eq!(
            (answered.0, answered.1["errors"][0]["pointer"].as_str()),
            (422, Some(pointer)),
            "{}",
            answered.1
        );
    }
    assert_eq!(post_readings(r#"{"readings":[]}"#).await.0, 422);
    assert_eq!(post_readings(r#"{"readings":[{"value":NaN}]}"#).await.0, 400);
    assert_eq!(post_readings(&format!(r#"{{"readings":[{good}]}}"#)).await.0, 202);
}

async fn post_readings(body: &str) -> (u16, Value) {
    let mut event = sample("upload_readings");
    event["body"] = json!(body);
    let answered = World::new().await.send(&event).await;
    (answered.status, answered.body)
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    for (name, key, value) in [
        ("list_readings", "last", "0"),
        ("list_readings", "last", "1001"),
        ("list_readings", "limit", "10"),
        ("list_readings", "cursor", "MQ"),
        ("list_readings", "start", "yesterday"),
        ("list_readings", "sort", "up"),
        ("get_statistics", "window", "1w"),
        ("get_statistics", "cursor", "x!"),
        ("get_statistics", "end", "2026-01-02"),
    ] {
        let mut event = sample(name);
        event["queryStringParameters"][key] = json!(value);
        event["multiValueQueryStringParameters"][key] = json!([value]);
        let answered = World::new().await.send(&event).await;
        assert_eq!(answered.status, 400, "{key}={value}: {}", answered.body);
    }
}

#[tokio::test]
async fn readings_and_statistics_come_from_the_block() {
    let world = World::new().await;
    let readings = world.send(&sample("list_readings")).await.body;
    assert_eq!(
        readings["items"][2],
        json!({ "time": "2026-01-02T03:04:20Z", "value": 22.0, "status": "clean" })
    );
    let statistics = world.send(&sample("get_statistics")).await.body;
    let expected = json!({
        "start": "2026-01-02T03:00:00Z", "count": 3, "min": 20.0, "max": 22.0, "sum": 63.0, "mean": 21.0, "stddev": 1.0,
        "first": 20.0, "last": 22.0, "rate": 0.1,
    });
    assert_eq!(statistics, json!({ "items": [expected], "next": null }));
    let streams = world.send(&sample("list_streams")).await.body;
    assert_eq!(streams["items"][0]["last"], readings["items"][2]);
}
