//! Every sample report does what its manifest says.

use super::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// A file of `tests/data/reports`.
pub(super) fn bytes(file: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/../../tests/data/reports/{file}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

fn manifest() -> Value {
    serde_json::from_slice(&bytes("manifest.json")).unwrap()
}

fn files() -> Vec<Value> {
    manifest()["files"].as_array().unwrap().clone()
}

fn parse(file: &str) -> Result<Report, ReportError> {
    match file.rsplit_once('.').unwrap().1 {
        "bin" => binary::parse(&bytes(file)),
        "json" => flexible::parse_json(&bytes(file)),
        _ => flexible::parse_messagepack(&bytes(file)),
    }
}

fn fixed(file: &str) -> FixedReport {
    let received = manifest()["timestamp_query"].as_str().unwrap().parse().unwrap();
    fix_times(&parse(file).unwrap(), received, None).unwrap()
}

fn time(text: &str) -> i64 {
    text.parse::<ReadingTime>().unwrap().nanos()
}

#[test]
fn headers_are_as_the_manifest_says() {
    for entry in files() {
        let (file, header) = (entry["file"].as_str().unwrap(), &entry["header"]);
        let whole = header["hash_ok"].as_bool().unwrap_or(true);
        let Ok(report) = parse(file) else {
            assert!(!whole, "{file}");
            continue;
        };
        assert!(whole, "{file}");
        if header.is_null() {
            continue;
        }
        let said = [
            "dev_id",
            "streamer_index",
            "streamer_selector",
            "rpt_id",
            "sent_timestamp",
            "lowest_id",
            "highest_id",
        ]
        .map(|name| header[name].as_u64().unwrap());
        let read = [
            report.device,
            report.streamer.into(),
            report.selector.into(),
            report.report_id,
            report.sent,
            report.lowest,
            report.highest,
        ];
        assert_eq!(read.map(u64::from), said, "{file}");
        if let Some(count) = entry["note"].as_str().unwrap().rsplit_once("count=") {
            assert_eq!(report.count().to_string(), count.1, "{file}");
        }
    }
}

#[test]
fn readings_are_as_the_manifest_says() {
    let mut seen = 0;
    for entry in files() {
        let file = entry["file"].as_str().unwrap();
        for list in ["readings[id,stream,raw_time,value,utc]", "first", "last"] {
            for row in entry[list].as_array().into_iter().flatten() {
                let id = u32::try_from(row[0].as_u64().unwrap()).unwrap();
                let found = fixed(file)
                    .readings
                    .into_iter()
                    .find(|r| r.reading.id == Some(id))
                    .unwrap();
                let utc = row[2].as_u64().unwrap() >> 31 == 1;
                let status = if utc {
                    blocks::Status::Utc
                } else {
                    blocks::Status::Clean
                };
                let read = (
                    found.variable().to_string(),
                    found.reading.value,
                    found.reading.time,
                    found.reading.status,
                );
                assert_eq!(
                    read,
                    (
                        row[1].as_str().unwrap().into(),
                        row[3].as_f64().unwrap(),
                        time(row[4].as_str().unwrap()),
                        status
                    ),
                    "{file} {id}"
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 16 + 4 + 5);
}

#[test]
fn the_large_one_has_its_sums() {
    let (entry, report) = (files()[1].clone(), fixed("valid_large_10000.bin"));
    let sum: f64 = report.readings.iter().map(|r| r.reading.value).sum();
    assert_eq!(Some(sum), entry["sum_values"].as_f64());
    let mut streams = BTreeMap::new();
    report
        .readings
        .iter()
        .for_each(|r| *streams.entry(r.variable().to_string()).or_insert(0) += 1);
    assert_eq!(serde_json::to_value(streams).unwrap(), entry["per_stream"]);
}

#[test]
fn the_reboot_is_walked_back_over() {
    use blocks::Status::{Clean, Dirty};
    let read: Vec<_> = fixed("reboot_mid.bin")
        .readings
        .iter()
        .map(|r| (r.reading.id, r.reading.time, r.reading.status))
        .collect();
    let at = |id, text, status| (Some(id), time(text), status);
    let expected = [
        at(1, "2020-01-02T03:03:14Z", Dirty),
        at(2, "2020-01-02T03:03:24Z", Dirty),
        at(4, "2020-01-02T03:03:45Z", Clean),
        at(5, "2020-01-02T03:03:55Z", Clean),
    ];
    assert_eq!(read, expected);
}

#[test]
fn both_flexible_formats_say_the_same() {
    let json = parse("flex_events_data.json").unwrap();
    assert_eq!(
        (json.device, json.streamer, json.selector, json.report_id, json.sent),
        (12_345, 257, 0xffff, 300, 1)
    );
    assert_eq!(
        (json.readings.len(), json.events.len(), json.covered()),
        (5, 3, Some(201..=214))
    );
    assert_eq!(
        parse("flex_events_data.mp").unwrap(),
        Report {
            streamer: 256,
            ..json.clone()
        }
    );
    let readings = fixed("flex_events_data.json").readings;
    let expected = |n: i64| {
        (
            0x5001,
            time("2020-01-01T12:00:00Z") + n * 60 * NANOS_PER_SECOND,
            n as f64,
            blocks::Status::Utc,
        )
    };
    let read: Vec<_> = readings
        .iter()
        .map(|r| (r.stream, r.reading.time, r.reading.value, r.reading.status))
        .collect();
    assert_eq!(read, (0..5).map(expected).collect::<Vec<_>>());
    assert_eq!(
        json.events[0].extra_data.as_ref().unwrap().as_str(),
        r#"{"axis":"z","peak":45.4,"duration":15}"#
    );
    assert_eq!(
        json.events[1].stamp,
        Stamp::Utc("2020-01-01T02:00:00Z".parse().unwrap())
    );
}

#[test]
fn the_broken_ones_are_refused_and_the_stranger_is_read() {
    assert_eq!(parse("corrupt_signature.bin"), Err(ReportError::Signature));
    assert_eq!(
        parse("truncated_mid_reading.bin"),
        Err(ReportError::Length {
            header: 300,
            actual: 230
        })
    );
    assert_eq!(parse("wrong_device.bin").unwrap().device, 0xdead);
}

#[test]
fn an_empty_report_settles_no_ids() {
    let empty = parse("empty_0.bin").unwrap();
    assert_eq!(
        (empty.count(), empty.covered(), fixed("empty_0.bin").clock),
        (0, None, None)
    );
    assert_eq!(parse("valid_small_16.bin").unwrap().covered(), Some(1..=16));
    assert_eq!(parse("valid_large_10000.bin").unwrap().covered(), Some(17..=10_016));
}
