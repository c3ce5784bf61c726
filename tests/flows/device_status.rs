//! How devices fare: what people see, and what the scheduled checks find in an organisation's table.

mod table;

use aws_dynamodb::{CheckPlace, DeviceChange, OrgTable};
use domain::DeviceId;
use domain::fleet::DeviceState;
use domain::id::Id;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Api, Device, Organization, PATIENCE, aws};

/// The changes that a whole check finds, and how many devices it looks at.
async fn check(table: &OrgTable, now: Timestamp) -> (Vec<DeviceChange>, usize) {
    let (mut changes, mut looked_at, mut from): (_, _, Option<CheckPlace>) = (Vec::new(), 0, None);
    loop {
        let page = table.check_devices(now, from).await.unwrap();
        assert!(page.looked_at <= 500, "{}", page.looked_at);
        changes.extend(page.changes);
        looked_at += page.looked_at;
        match page.next {
            Some(next) => from = Some(next),
            None => return (changes, looked_at),
        }
    }
}

/// The path of a device among its project's.
async fn path(press: &Device) -> String {
    let projects = press.api.get(&press.org.path("/projects")).await.expect(200);
    let id = press.path.rsplit('/').next().unwrap_or_default();
    let project = projects["items"][0]["id"].as_str().unwrap_or_default();
    press.org.path(&format!("/projects/{project}/devices/{id}"))
}

/// The device, once its status is that.
async fn in_state(api: &Api, path: &str, state: &str) -> Value {
    let device = tokio::time::timeout(PATIENCE, async {
        loop {
            let device = api.get(path).await.expect(200);
            if device["status"]["state"] == state {
                return device;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    device.await.unwrap_or_else(|_| panic!("{path} is never {state}"))
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_default().parse().unwrap()
}

fn reading(time: Timestamp) -> Value {
    json!([{ "variable": "temperature", "time": time.to_string(), "value": 1 }])
}

#[tokio::test]
async fn a_device_is_heard_of_and_falls_silent_and_people_are_told_once() {
    let press = Organization::new("Acme").await.device(7).await;
    let (path, table) = (path(&press).await, table::open(&press.org).await);
    let new = in_state(&press.api, &path, "unknown").await;
    assert_eq!((&new["enabled"], &new["silent_after"]), (&json!(true), &json!(7200)));
    assert_eq!(new["status"]["last_seen"], Value::Null);
    let registered = time(&new["created_at"]);
    assert_eq!(check(&table, registered).await, (vec![], 1));

    press.readings(&reading(registered)).await.added().await;
    let seen = in_state(&press.api, &path, "ok").await["status"].clone();
    assert_eq!(seen["since"], seen["last_seen"]);
    let seen = time(&seen["last_seen"]);
    let late = |seconds| seen + SignedDuration::from_secs(seconds);
    assert_eq!(
        check(&table, late(7200)).await.0,
        [],
        "the first sign of life is no news"
    );

    // Two at one time tell of one change, and again until somebody says that it was told.
    let (one, other) = tokio::join!(check(&table, late(7201)), check(&table, late(7201)));
    let again = check(&table, late(9000)).await.0;
    let [silent] = &again[..] else { panic!("{again:?}") };
    assert!(
        one.0.iter().chain(&other.0).all(|change| change == silent),
        "{one:?} {other:?}"
    );
    assert_eq!(
        (silent.from, silent.to, silent.since),
        (DeviceState::Ok, DeviceState::Failed, late(7200))
    );
    assert_eq!(
        (silent.name.as_str(), silent.device.to_string()),
        ("Press", new["id"].as_str().unwrap().to_owned())
    );
    table.acknowledge(&again).await.unwrap();
    table.acknowledge(&again).await.unwrap();
    assert_eq!(check(&table, late(9001)).await.0, []);

    // To whoever looks, it is never older than the moment.
    in_state(&press.api, &path, "ok").await;
    let back = check(&table, late(1)).await.0;
    assert_eq!(
        (back[0].from, back[0].to, back[0].since),
        (DeviceState::Failed, DeviceState::Ok, seen)
    );
    table.acknowledge(std::slice::from_ref(silent)).await.unwrap();
    assert_eq!(
        check(&table, late(2)).await.0,
        back,
        "another change's acknowledgement is not its own"
    );
}

#[tokio::test]
async fn a_device_is_switched_off_and_on_and_told_for_how_long_it_may_be_silent() {
    let press = Organization::new("Acme").await.device(7).await;
    let (path, table, api) = (path(&press).await, table::open(&press.org).await, &press.api);
    let registered = time(&api.get(&path).await.expect(200)["created_at"]);
    press.readings(&reading(registered)).await.added().await;
    let seen = time(&in_state(api, &path, "ok").await["status"]["last_seen"]);
    let late = |seconds| seen + SignedDuration::from_secs(seconds);
    check(&table, seen).await;

    let minute = api
        .patch(&path, "\"1\"", &json!({ "silent_after": 60 }))
        .await
        .expect(200);
    assert_eq!(
        (&minute["name"], &minute["silent_after"]),
        (&json!("Press"), &json!(60))
    );
    let [silent] = &check(&table, late(61)).await.0[..] else {
        panic!("silent for more than a minute")
    };
    assert_eq!(silent.since, late(60));
    let off = api
        .patch(&path, "\"2\"", &json!({ "enabled": false }))
        .await
        .expect(200);
    assert_eq!(
        (&off["status"]["state"], &off["enabled"]),
        (&json!("disabled"), &json!(false))
    );
    assert_eq!(time(&off["status"]["last_seen"]), seen);
    assert_eq!(api.get(&path).await.expect(200), off);
    assert_eq!(
        check(&table, late(99)).await,
        (vec![], 1),
        "what is switched off is nobody's concern"
    );
    let body = json!({ "enabled": true, "silent_after": 2_592_000 });
    let on = api.patch(&path, "\"3\"", &body).await.expect(200);
    assert_eq!(on["status"]["state"], "ok");
    let listed = api.get(path.rsplit_once('/').unwrap().0).await.expect(200);
    assert_eq!(listed["items"], json!([on]));
    assert_eq!(check(&table, late(100)).await, (vec![], 1));

    for (field, value) in [
        ("silent_after", json!(59)),
        ("silent_after", json!(2_592_001)),
        ("silent_after", json!(-60)),
        ("silent_after", json!("60")),
        ("enabled", json!("no")),
        ("status", json!("ok")),
    ] {
        let detail = api.patch(&path, "\"4\"", &json!({ field: value })).await.problem(422);
        assert!(detail.contains(field), "{field} {value}: {detail}");
    }
    api.patch(&path, "\"4\"", &json!({})).await.problem(422);
    api.delete_version(&path, "\"4\"").await.expect(204);
    assert_eq!(check(&table, late(9999)).await, (vec![], 0));
}

#[tokio::test]
async fn a_check_goes_through_any_number_of_devices_page_by_page() {
    let acme = Organization::new("Acme").await;
    let table = table::open(&acme).await;
    let row = |n: u32| {
        let device: DeviceId = format!("dev_01KAF2Z7M0V8Q4J3T6B9{n:06}").parse().unwrap();
        let shard = device.ulid().0 % 4;
        json!({ "PutRequest": { "Item": {
            "pk": { "S": format!("WATCH#{shard}") }, "sk": { "S": device }, "device": { "S": device }, "enabled": { "BOOL": true },
            "silent_after": { "N": "60" }, "begun": { "N": "0" }, "seen": { "N": "0" }, "found": { "S": "ok" },
        }}})
    };
    let rows: Vec<_> = (0..1_300).map(row).collect();
    for chunk in rows.chunks(25) {
        let body = json!({ "RequestItems": { acme.table(): chunk } });
        aws::call("DynamoDB_20120810.BatchWriteItem", &body).await;
    }
    let later: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    // Of devices that are not there, nobody is told.
    assert_eq!(check(&table, later).await, (vec![], 1_300));
    let found = aws::partition(&acme.table(), "WATCH#2").await;
    assert!(
        found
            .iter()
            .all(|row| row["found"] == "failed" && row["notice"]["since"] == 60_000),
        "{:?}",
        found.first()
    );
}

#[tokio::test]
async fn readings_dated_in_the_future_are_told_of_once() {
    let press = Organization::new("Acme").await.device(7).await;
    let (path, table) = (path(&press).await, table::open(&press.org).await);
    let now = time(&press.api.get(&path).await.expect(200)["created_at"]);
    let ahead = |minutes| now + SignedDuration::from_mins(minutes);
    press.readings(&reading(ahead(4))).await.added().await;
    assert_eq!(table.check_future_readings(now, None).await.unwrap().looked_at, 0);
    for minutes in [60 * 24, 60, 60 * 48] {
        press.readings(&reading(ahead(minutes))).await.added().await;
    }
    let page = table.check_future_readings(now, None).await.unwrap();
    let [stream] = &page.streams[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (stream.variable.as_str(), stream.name.as_str()),
        ("temperature", "Press")
    );
    assert_eq!(stream.latest.to_string(), ahead(60 * 48).to_string());
    assert_eq!(
        table.check_future_readings(ahead(60), None).await.unwrap().streams,
        page.streams
    );
    table.future_readings_told(&page.streams).await.unwrap();
    press.readings(&reading(ahead(60 * 72))).await.added().await;
    assert_eq!(table.check_future_readings(now, None).await.unwrap().streams, []);
}
