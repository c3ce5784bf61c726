//! Readings in the forms that agents write: line protocol and JSON lines, plain and compressed.

use reqwest::Method;
use serde_json::json;
use std::io::Write;
use tests::{Answer, Device, Organization, answer};

async fn press() -> Device {
    Organization::new("Acme").await.device(1).await
}

async fn send(press: &Device, query: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let path = format!("{}/readings{query}", press.path);
    let request = press.api.request(Method::POST, &path).body(body);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    answer(request).await
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn zstd(text: &str) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
}

#[tokio::test]
async fn an_agent_sends_as_it_is() {
    let press = press().await;
    let lines = "# what Telegraf writes\n\
        cpu,cpu=cpu0 usage_idle=93.5,usage_user=4i,model=\"x86\" 1767323045000\n\
        cpu,cpu=cpu1 usage_idle=20 1767323045000\n\
        door open=t 1767323045000\n";
    let plain = send(
        &press,
        "?precision=ms",
        &[("content-type", "text/plain; charset=utf-8")],
        lines.into(),
    )
    .await;
    assert_eq!(plain.body["skipped"], 1);
    assert_eq!(press.accepted(plain).added().await, 4);
    let streams = [
        "cpu.usage_idle:cpu-cpu0",
        "cpu.usage_idle:cpu-cpu1",
        "cpu.usage_user:cpu-cpu0",
        "door.open",
    ];
    assert_eq!(press.streams().await, streams);
    let door = press.all_readings("door.open", "").await;
    assert_eq!(
        door,
        [json!({ "time": "2026-01-02T03:04:05Z", "value": 1.0, "status": "clean" })]
    );

    let later = lines.replace("1767323045000", "1767323046000");
    let headers = [("content-type", "text/plain"), ("content-encoding", "gzip")];
    let packed = send(&press, "?precision=ms", &headers, gzip(&later)).await;
    assert_eq!(press.accepted(packed).added().await, 4);
    assert_eq!(press.all_readings("door.open", "").await.len(), 2);
}

#[tokio::test]
async fn json_lines_come_compressed() {
    let press = press().await;
    let line = |n: u32| format!("{{\"variable\":\"t\",\"time\":\"2026-01-02T03:04:05.{n:04}Z\",\"value\":{n}}}\n");
    let lines: String = (0..5_000).map(line).collect();
    let packed = zstd(&lines);
    assert!(packed.len() * 4 < lines.len());
    let sent = send(&press, "", &[("content-type", "application/x-ndjson+zstd")], packed).await;
    assert_eq!(press.accepted(sent).added().await, 5_000);
    let all = press.statistics("t", "").await;
    assert_eq!(
        (all[0]["count"].as_u64(), all[0]["max"].as_f64()),
        (Some(5_000), Some(4_999.0))
    );
}

#[tokio::test]
async fn what_is_wrong_in_a_line_is_told_and_nothing_is_kept() {
    let press = press().await;
    let lines = "door open=t 1767323045000000000\ndoor open=ajar\n";
    let detail = send(&press, "", &[("content-type", "text/plain")], lines.into())
        .await
        .problem(422);
    let says = ["\"/1\"", "line 2: the field", "must be a number"];
    assert!(says.iter().all(|part| detail.contains(part)), "{detail}");
    let detail = send(&press, "?precision=h", &[("content-type", "text/plain")], lines.into())
        .await
        .problem(400);
    assert!(detail.contains("precision"), "{detail}");
    let detail = send(&press, "", &[("content-type", "application/xml")], lines.into())
        .await
        .problem(415);
    assert!(detail.contains("text/plain"), "{detail}");
    let broken = send(&press, "", &[("content-type", "text/plain+gzip")], lines.into())
        .await
        .problem(400);
    assert!(broken.contains("decompressed"), "{broken}");
    assert!(press.streams().await.is_empty());
}
