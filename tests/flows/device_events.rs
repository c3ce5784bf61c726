//! Events: told by a report, listed, fetched with their bodies, and gone with their device.

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;
use tests::{Device, Organization, aws, finished, sample};

/// A report of such events, each with its id (0 for none) and what it says.
fn report(number: u32, events: &[(u32, Value, Value)]) -> Vec<u8> {
    let ids: Vec<u32> = events.iter().map(|(id, ..)| *id).filter(|id| *id > 0).collect();
    let told = events.iter().map(|(id, summary, data)| {
        json!({
            "stream": 0x5020, "device_timestamp": u32::MAX, "streamer_local_id": id, "timestamp": "2020-01-01T01:00:00Z",
            "extra_data": summary, "data": data,
        })
    });
    let report = json!({
        "format": "v100", "device": 12345, "streamer_index": 0, "streamer_selector": 0xffff, "incremental_id": number,
        "lowest_id": ids.iter().min().unwrap_or(&0), "highest_id": ids.iter().max().unwrap_or(&0), "device_sent_timestamp": 1,
        "data": [], "events": told.collect::<Vec<_>>(),
    });
    serde_json::to_vec(&report).unwrap()
}

async fn send(press: &Device, report: Vec<u8>) -> u64 {
    let sent = press.send_report("application/json", report).await;
    press.accepted(sent).added().await
}

async fn get(press: &Device, below: &str) -> Value {
    press
        .api
        .get(&format!("{}/events{below}", press.path))
        .await
        .expect(200)
}

/// A waveform that no packing makes small.
fn waveform() -> Value {
    json!(
        (0..20_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761))
            .collect::<Vec<_>>()
    )
}

#[tokio::test]
async fn the_events_of_a_report_are_listed_newest_first_and_fetched_with_their_bodies() {
    let press = Organization::new("Acme").await.device(12345).await;
    assert_eq!(send(&press, sample("flex_events_data.json")).await, 8);
    assert_eq!(send(&press, sample("flex_events_data.json")).await, 0, "sent twice");

    let first = get(&press, "?limit=2").await;
    let next = first["next"].as_str().unwrap();
    let second = get(&press, &format!("?limit=2&cursor={next}")).await;
    let ids = |page: &Value| -> Vec<u64> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|event| event["local_id"].as_u64().unwrap()).collect()
    };
    assert_eq!((ids(&first), ids(&second)), (vec![203, 202], vec![201]));
    assert_eq!(second["next"], Value::Null);
    let event = &second["items"][0];
    assert_eq!(
        (&event["time"], &event["variable"], &event["extra_data"]["peak"]),
        (&json!("2020-01-01T01:00:00Z"), &json!("5020"), &json!(45.4))
    );
    let range = "?start=2020-01-01T01:00:00Z&end=2020-01-01T02:00:00Z";
    assert_eq!(ids(&get(&press, range).await), [201]);
    assert_eq!(get(&press, "?variable=5021").await["items"], json!([]));
    assert_eq!(ids(&get(&press, "?variable=5020&limit=2").await), [203, 202]);

    let whole = get(&press, &format!("/{}", event["id"].as_str().unwrap())).await;
    assert_eq!(
        (&whole["data"]["sampling_rate"], &whole["data_link"]),
        (&json!(1066.67), &Value::Null)
    );
    let nobody = format!("{}/events/evt_1H2EKWBZ8C1D0Y3T6B9N5R1XCA", press.path);
    press.api.get(&nobody).await.problem(404);
}

#[tokio::test]
async fn a_waveform_is_downloaded_by_a_link_and_goes_with_its_device() {
    let press = Organization::new("Acme").await.device(12345).await;
    let wave = waveform();
    let told = report(
        1,
        &[
            (7, json!({ "peak": 1 }), wave.clone()),
            (0, json!(null), json!("door")),
            (0, json!(null), json!("door")),
        ],
    );
    assert_eq!(send(&press, told.clone()).await, 3);
    // What has no id and says the same at the same time is what is stored.
    send(&press, told).await;
    let page = get(&press, "").await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(3), "{page}");
    let event = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["local_id"] == 7)
        .unwrap();
    assert_eq!(event["data_bytes"], json!(wave.to_string().len()));

    let whole = get(&press, &format!("/{}", event["id"].as_str().unwrap())).await;
    assert_eq!(whole["data"], Value::Null);
    let url = whole["data_link"]["url"].as_str().unwrap().to_owned();
    let got = reqwest::get(&url).await.unwrap();
    assert_eq!(
        (got.status().as_u16(), &got.headers()["content-encoding"]),
        (200, &"gzip".parse().unwrap())
    );
    let (packed, mut text) = (got.bytes().await.unwrap(), String::new());
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, wave.to_string());

    // An export has it, too.
    let asked = press.api.post(&press.org.path("/exports"), &json!({})).await;
    let lines = super::closing::lines(&press.api, &finished(&press.api, asked.header("location")).await).await;
    let events: Vec<_> = lines.iter().filter(|line| line["type"] == "event").collect();
    assert_eq!(
        (
            events.len(),
            events.iter().filter(|event| event["data"] == wave).count()
        ),
        (3, 1)
    );

    let device = press.path.rsplit('/').next().unwrap();
    let of_project = format!("{}/devices/{device}", press.project.as_deref().unwrap());
    let deleted = press.api.delete_version(&of_project, "\"1\"").await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    aws::until_sent(&press.org.id).await;
    let purge = press
        .api
        .get(&press.org.path("/tasks?kind=device.purge"))
        .await
        .expect(200);
    let task = press
        .org
        .path(&format!("/tasks/{}", purge["items"][0]["id"].as_str().unwrap()));
    assert_eq!(finished(&press.api, &task).await["status"], "succeeded");
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 404);
}
