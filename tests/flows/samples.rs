//! Every sample report of the devices' own library behaves as its manifest says.

use serde_json::{Value, json};
use tests::{Device, Organization, sample};

/// The device that the samples are of.
const HARDWARE_ID: u32 = 12345;

async fn press() -> Device {
    Organization::new("Acme").await.device(HARDWARE_ID).await
}

fn manifest() -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&sample("manifest.json")).unwrap();
    manifest["files"].as_array().unwrap().clone()
}

fn entry(file: &str) -> Value {
    manifest().into_iter().find(|entry| entry["file"] == file).unwrap()
}

/// Each reading of the device with an id: id, stream, value, time, status, in the order of ids.
async fn stored(press: &Device) -> Vec<Value> {
    let mut found = Vec::new();
    for stream in press.streams().await {
        for reading in press.all_readings(&stream, "").await {
            found.push(json!([
                reading["id"],
                stream,
                reading["value"],
                reading["time"],
                reading["status"]
            ]));
        }
    }
    found.sort_by_key(|reading| reading[0].as_u64());
    found
}

/// What the manifest says of a file's readings, in the same form.
fn told(file: &str, status: &str) -> Vec<Value> {
    let readings = entry(file)["readings[id,stream,raw_time,value,utc]"]
        .as_array()
        .unwrap()
        .clone();
    let row = |r: Value| json!([r[0], r[1], r[3].as_f64(), r[4], status]);
    readings.into_iter().map(row).collect()
}

#[tokio::test]
async fn every_file_is_taken_or_refused_as_the_manifest_says() {
    for entry in manifest() {
        let (press, file) = (press().await, entry["file"].as_str().unwrap());
        let media_type = match file.rsplit('.').next() {
            Some("json") => "application/json",
            Some("mp") => "application/msgpack",
            _ => "application/octet-stream",
        };
        let answer = press.send_report(media_type, sample(file)).await;
        if entry["accept_at_upload"] == false {
            answer.problem(if file.starts_with("wrong_device") { 404 } else { 422 });
            assert!(press.streams().await.is_empty(), "{file} left something");
            continue;
        }
        let upload = press.accepted(answer);
        // The mark of a reboot is counted, used, and not kept.
        let marks = u64::from(file == "reboot_mid.bin");
        assert_eq!(upload.added().await, upload.count - marks, "{file}");
        let note = entry["note"].as_str().unwrap();
        if let Some((_, count)) = note.split_once("count=") {
            let digits: String = count.chars().take_while(char::is_ascii_digit).collect();
            assert_eq!(upload.count.to_string(), digits, "{file}");
        }
    }
}

#[tokio::test]
async fn a_small_report_has_the_manifests_times_and_values() {
    let press = press().await;
    assert_eq!(press.report(sample("valid_small_16.bin")).await.added().await, 16);
    assert_eq!(stored(&press).await, told("valid_small_16.bin", "clean"));
}

#[tokio::test]
async fn a_report_with_utc_stamps_keeps_them() {
    let press = press().await;
    assert_eq!(press.report(sample("rtc_utc_5.bin")).await.added().await, 5);
    assert_eq!(stored(&press).await, told("rtc_utc_5.bin", "utc"));
}

#[tokio::test]
async fn readings_before_a_reboot_are_dated_back_from_it() {
    let press = press().await;
    // Five readings came; the mark of the reboot is used and not kept.
    let upload = press.report(sample("reboot_mid.bin")).await;
    upload.added().await;
    let expected = &entry("reboot_mid.bin")["expected_v2"];
    let kept = stored(&press).await;
    assert_eq!(
        kept.iter().map(|reading| reading[0].as_u64()).collect::<Vec<_>>(),
        [Some(1), Some(2), Some(4), Some(5)]
    );
    for reading in kept {
        let said = expected[reading[0].to_string()].as_str().unwrap();
        let (time, status) = said
            .split_once(" (")
            .map_or((said, "clean"), |(time, _)| (time, "dirty"));
        assert_eq!(
            (reading[3].as_str(), reading[4].as_str()),
            (Some(time), Some(status)),
            "{reading}"
        );
    }
}

#[tokio::test]
async fn ten_thousand_readings_arrive_whole_once_and_older_ones_after_them() {
    let press = press().await;
    let large = press.report(sample("valid_large_10000.bin")).await;
    assert_eq!((large.count, large.added().await), (10_000, 10_000));
    check_sums(&press, 0, 0.0).await;

    assert_eq!(press.report(sample("valid_large_10000.bin")).await.added().await, 0);
    check_sums(&press, 0, 0.0).await;

    // Its ids 1 to 16 are older than all that is there.
    assert_eq!(press.report(sample("valid_small_16.bin")).await.added().await, 16);
    let small: f64 = told("valid_small_16.bin", "clean")
        .iter()
        .filter_map(|reading| reading[2].as_f64())
        .sum();
    check_sums(&press, 16, small).await;
}

/// The device's streams hold the large report's readings and `more` others of that sum; by statistics and by reading them all.
async fn check_sums(press: &Device, more: u64, sum_of_more: f64) {
    let expected = entry("valid_large_10000.bin");
    let sum = expected["sum_values"].as_f64().unwrap() + sum_of_more;
    let streams = press.streams().await;
    assert_eq!(streams, ["5001", "5002", "5003", "5004"]);
    let (mut counted, mut summed, mut read, mut read_sum) = (0, 0.0, 0, 0.0);
    for stream in streams {
        let all = press.statistics(&stream, "").await;
        assert_eq!(all.len(), 1);
        counted += all[0]["count"].as_u64().unwrap();
        summed += all[0]["sum"].as_f64().unwrap();
        let readings = press.all_readings(&stream, "").await;
        assert!(
            readings
                .windows(2)
                .all(|pair| pair[0]["time"].as_str() <= pair[1]["time"].as_str())
        );
        read += readings.len() as u64;
        read_sum += readings
            .iter()
            .filter_map(|reading| reading["value"].as_f64())
            .sum::<f64>();
        if more == 0 {
            assert_eq!(all[0]["count"], expected["per_stream"][&stream]);
        }
    }
    assert_eq!((counted, read), (10_000 + more, 10_000 + more));
    assert_eq!((summed, read_sum), (sum, sum));
}
