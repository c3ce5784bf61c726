//! What cannot be taken is refused with what to change, and leaves nothing behind.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Device, Organization, answer, sample};

async fn press() -> Device {
    Organization::new("Acme").await.device(12345).await
}

#[expect(clippy::needless_pass_by_value, reason = "json! makes the values")]
fn reading(time: &str, value: Value) -> Value {
    json!({ "variable": "temperature", "time": time, "value": value })
}

async fn left_nothing(press: &Device) {
    // Had anything been accepted, a good upload behind it in the same queues would be done after it.
    press.report(sample("empty_0.bin")).await.added().await;
    assert_eq!(press.streams().await, Vec::<String>::new());
}

#[tokio::test]
async fn readings_that_cannot_be() {
    let press = press().await;
    let path = format!("{}/readings", press.path);
    let good = "2026-01-02T03:04:05Z";
    let many: Vec<_> = (0..10_001).map(|_| reading(good, json!(1))).collect();
    for (body, said) in [
        (json!({ "readings": [] }), "/readings"),
        (json!({ "readings": many }), "10,000"),
        (json!({}), "readings"),
        (json!([]), ""),
        (
            json!({ "readings": [reading(good, json!("21.5"))] }),
            "/readings/0/value",
        ),
        (
            json!({ "readings": [reading(good, json!(1)), reading(good, json!(null))] }),
            "/readings/1/value",
        ),
        (
            json!({ "readings": [reading("yesterday", json!(1))] }),
            "/readings/0/time",
        ),
        (
            json!({ "readings": [reading("1969-12-31T23:59:59Z", json!(1))] }),
            "/readings/0/time",
        ),
        (
            json!({ "readings": [reading("9999-01-01T00:00:00Z", json!(1))] }),
            "/readings/0/time",
        ),
        (
            json!({ "readings": [reading("2026-02-30T00:00:00Z", json!(1))] }),
            "/readings/0/time",
        ),
        (
            json!({ "readings": [{ "variable": "a b", "time": good, "value": 1 }] }),
            "/readings/0/variable",
        ),
        (
            json!({ "readings": [{ "variable": "", "time": good, "value": 1 }] }),
            "/readings/0/variable",
        ),
        (
            json!({ "readings": [{ "variable": "a", "time": good, "value": 1, "unit": "C" }] }),
            "unit",
        ),
    ] {
        let detail = press.api.post(&path, &body).await.problem(422);
        assert!(detail.contains(said), "{said}: {detail}");
    }
    left_nothing(&press).await;
}

#[tokio::test]
async fn bodies_that_are_no_json() {
    let press = press().await;
    let path = format!("{}/readings", press.path);
    for (body, status) in [
        (r#"{"readings":["#, 400),
        ("", 400),
        (
            r#"{"readings":[{"variable":"t","time":"2026-01-02T03:04:05Z","value":NaN}]}"#,
            400,
        ),
        (
            r#"{"readings":[{"variable":"t","time":"2026-01-02T03:04:05Z","value":1e999}]}"#,
            400,
        ),
    ] {
        let answer = press
            .api
            .upload(&path, "application/json", body.as_bytes().to_vec())
            .await;
        assert!([status, 422].contains(&answer.status), "{body}: {}", answer.text);
        let status = answer.status;
        answer.problem(status);
    }
    press
        .api
        .upload(&path, "text/plain", b"temperature 21".to_vec())
        .await
        .problem(422);
    press
        .api
        .upload(&path, "application/xml", b"<temperature>21</temperature>".to_vec())
        .await
        .problem(415);
    press
        .api
        .upload(&path, "application/json", vec![b' '; 5_000_000])
        .await
        .problem(413);
    left_nothing(&press).await;
}

/// A sample with some bytes changed.
fn changed(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = sample("valid_small_16.bin");
    change(&mut bytes);
    bytes
}

#[tokio::test]
async fn reports_that_cannot_be() {
    let press = press().await;
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 400][..]].concat();
    let mut offered = vec![
        ("nothing", vec![]),
        ("a jpeg", jpeg),
        ("a length that lies", changed(|bytes| bytes[2] = 2)),
        ("flags other than 0", changed(|bytes| bytes[16] = 1)),
        ("a byte too many", changed(|bytes| bytes.push(0))),
        ("a truncated file", sample("truncated_mid_reading.bin")),
        ("a wrong signature", sample("corrupt_signature.bin")),
    ];
    for bit in [0, 77, 160, 1000, 2399] {
        offered.push(("a flipped bit", changed(|bytes| bytes[bit / 8] ^= 1 << (bit % 8))));
    }
    for (what, bytes) in offered {
        let answer = press.send_report("application/octet-stream", bytes).await;
        assert!([400, 404, 422].contains(&answer.status), "{what}: {}", answer.text);
        let status = answer.status;
        answer.problem(status);
    }
    for text in [
        "{",
        "[]",
        "{}",
        r#"{"format":"v101"}"#,
        r#"{"format":"v100","device":"x"}"#,
    ] {
        let answer = press.send_report("application/json", text.as_bytes().to_vec()).await;
        assert!([400, 422].contains(&answer.status), "{text}: {}", answer.text);
        let status = answer.status;
        answer.problem(status);
        let answer = press.send_report("application/msgpack", text.as_bytes().to_vec()).await;
        assert!([400, 422].contains(&answer.status), "{text}: {}", answer.text);
    }
    let other = press
        .send_report("application/octet-stream", sample("wrong_device.bin"))
        .await
        .problem(404);
    assert!(other.contains("57005") && other.contains("12345"), "{other}");
    press
        .send_report("image/jpeg", sample("valid_small_16.bin"))
        .await
        .problem(415);
    press
        .send_report("application/octet-stream", vec![1; 5_000_000])
        .await
        .problem(413);
    left_nothing(&press).await;
}

#[tokio::test]
async fn a_refused_report_is_kept_for_a_look() {
    let press = press().await;
    let answer = press
        .send_report("application/octet-stream", sample("corrupt_signature.bin"))
        .await;
    answer.problem(422);
    let kept = format!("/{}?list-type=2&prefix=errors/{}/", tests::bucket(), press.org.id);
    let listing = Api::at(tests::endpoint()).get(&kept).await.text;
    assert_eq!(listing.matches("<Key>").count(), 1, "{listing}");
    assert!(listing.contains("<Size>300</Size>"), "{listing}");
}

#[tokio::test]
async fn reports_received_at_no_time() {
    let press = press().await;
    let small = sample("valid_small_16.bin");
    for query in [
        "",
        "?received_at=",
        "?received_at=yesterday",
        "?received_at=1890-01-01T00:00:00Z",
        "?received_at=2990-01-01T00:00:00Z",
        "?recieved_at=2020-01-02T03:04:05Z",
    ] {
        let path = format!("{}/reports{query}", press.path);
        let detail = press
            .api
            .upload(&path, "application/octet-stream", small.clone())
            .await
            .problem(400);
        assert!(detail.contains("received_at"), "{query}: {detail}");
    }
    left_nothing(&press).await;
}

#[tokio::test]
async fn queries_that_cannot_be() {
    let press = press().await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let stream = format!("{}/streams/5001", press.path);
    for query in [
        "readings?start=x",
        "readings?end=2026",
        "readings?last=0",
        "readings?last=1001",
        "readings?last=-1",
        "readings?limit=0",
        "readings?cursor=AAAA",
        "readings?strat=2020-01-01T00:00:00Z",
        "statistics?window=0s",
        "statistics?window=1",
        "statistics?window=1x",
        "statistics?window=99999d",
        "statistics?window=-1h",
        "statistics?start=x",
        "statistics?time_zone=Europe/Berlin",
        "statistics?window=1h&time_zone=UTC",
        "statistics?window=day&time_zone=Nowhere",
        "statistics?percentiles=101",
        "readings?format=xml",
        "readings?limit=1001",
        "readings?format=csv&limit=20001",
        "gaps",
        "gaps?longer_than=0s",
        "gaps?longer_than=5",
    ] {
        press.api.get(&format!("{stream}/{query}")).await.problem(400);
    }
    press
        .api
        .get(&format!("{}/streams/none/readings", press.path))
        .await
        .problem(404);
    press
        .api
        .get(&format!("{}/streams/none/statistics", press.path))
        .await
        .problem(404);
}

#[tokio::test]
async fn devices_that_are_not_there_or_not_ones_own() {
    let (press, rival) = (press().await, Organization::new("Rival").await);
    let body = json!({ "readings": [reading("2026-01-02T03:04:05Z", json!(1))] });
    let device = press.path.rsplit('/').next().unwrap();
    for id in [
        device,
        "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        "x",
        "%00",
        "..%2f..",
    ] {
        let path = rival.path(&format!("/devices/{id}"));
        for (method, below) in [
            (Method::POST, "/readings"),
            (Method::GET, "/streams"),
            (Method::GET, "/streams/t/readings"),
        ] {
            let request = rival.owner.api.request(method, &format!("{path}{below}")).json(&body);
            answer(request).await.problem(404);
        }
    }
    assert_eq!(press.streams().await, Vec::<String>::new());
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let api = Api::anonymous();
    for (method, path) in [
        (Method::GET, "/v1/nowhere"),
        (Method::PUT, "/v1/status"),
        (Method::GET, "/"),
        (Method::DELETE, "/v1/openapi.json"),
    ] {
        let answer = answer(api.request(method, path)).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.text);
        assert!(answer.body["type"].is_string(), "{path}: {}", answer.text);
    }
}
