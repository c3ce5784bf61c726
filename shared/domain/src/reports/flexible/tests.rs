//! Documents with one thing wrong each.

use super::super::samples;
use super::*;
use serde_json::{Value, json};

/// The sample with the member at a pointer set, in both formats; the formats must agree.
fn with(pointer: &str, value: &Value) -> Result<Report, ReportError> {
    changed(|document| *document.pointer_mut(pointer).unwrap() = value.clone())
}

fn changed(change: impl FnOnce(&mut Value)) -> Result<Report, ReportError> {
    let mut document: Value = serde_json::from_slice(&samples::bytes("flex_events_data.json")).unwrap();
    change(&mut document);
    let json = parse_json(document.to_string().as_bytes());
    let packed = parse_messagepack(&rmp_serde::to_vec(&document).unwrap());
    assert_eq!(json.is_ok(), packed.is_ok(), "{json:?} {packed:?}");
    json
}

fn reason(result: Result<Report, ReportError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "taken".into())
}

#[test]
fn members_of_the_wrong_kind_are_refused() {
    for (pointer, value, says) in [
        (
            "/device",
            json!("12345"),
            "invalid type: string \"12345\", expected u32",
        ),
        ("/device", json!(4_294_967_296u64), "expected u32"),
        ("/streamer_index", json!(65_536), "expected u16"),
        ("/lowest_id", json!(-1), "expected u32"),
        ("/data/0/streamer_local_id", json!("dev_01"), "expected u32"),
        ("/data/0/value", json!("warm"), "expected f64"),
        ("/data/0/value", json!(null), "expected f64"),
        ("/data", json!({}), "expected a sequence"),
        (
            "/format",
            json!("v101"),
            "the report's format is \"v101\" and should be \"v100\"",
        ),
        ("/streamer_selector", json!(0x57ff), "selector 0x57ff"),
        (
            "/lowest_id",
            json!(202),
            "its ids go from 202 to 214, and those of its readings and events go from 201 to 214 ",
        ),
        ("/highest_id", json!(200), "its ids go from 201 to 200, and"),
        (
            "/highest_id",
            json!(4_294_967_295_u32),
            "its ids go from 201 to 4294967295, and",
        ),
        ("/lowest_id", json!(0), "its ids go from 0 to 214, and"),
        ("/data/0/timestamp", json!(null), "reading or event 210 has no time"),
        (
            "/events/1/timestamp",
            json!("noon"),
            "the timestamp of reading or event 202 must be an RFC 3339 time",
        ),
        (
            "/data/2/timestamp",
            json!("1969-12-31T23:59:59Z"),
            "the timestamp of reading or event 212 must lie between",
        ),
        ("/data/2/timestamp", json!("2020-01-01"), "must be an RFC 3339 time"),
    ] {
        let said = reason(with(pointer, &value));
        assert!(said.contains(says), "{pointer}: {said}");
    }
}

#[test]
fn a_report_settles_no_ids_but_those_that_it_reaches() {
    let with_ids = |ids: [u32; 5], lowest: u32, highest: u32| {
        changed(|d| {
            for (at, id) in ids.into_iter().enumerate() {
                d["data"][at]["streamer_local_id"] = json!(id);
            }
            d["events"] = json!([]);
            d["lowest_id"] = json!(lowest);
            d["highest_id"] = json!(highest);
        })
    };
    let covered = |ids, lowest, highest| with_ids(ids, lowest, highest).map(|report| report.covered()).ok();
    assert_eq!(covered([5, 90, 7, 6, 8], 5, 90), Some(Some(5..=90)), "with a gap");
    for lowest in [0, 5] {
        assert_eq!(
            covered([5, 0, 7, 6, 8], lowest, 8),
            Some(Some(5..=8)),
            "one without an id"
        );
    }
    assert_eq!(covered([0; 5], 0, 0), Some(None), "none with an id");
    assert_eq!(covered([0; 5], 0, 9), None);
    assert_eq!(covered([5, 0, 7, 6, 8], 1, 8), None);
}

#[test]
fn every_member_is_needed_but_timestamps_and_event_bodies() {
    let document: Value = serde_json::from_slice(&samples::bytes("flex_events_data.json")).unwrap();
    for member in document.as_object().unwrap().keys() {
        let said = reason(changed(|d| drop(d.as_object_mut().unwrap().remove(member))));
        assert!(said.contains(&format!("missing field `{member}`")), "{said}");
    }
    let bare = changed(|d| {
        let event = d["events"][0].as_object_mut().unwrap();
        event.retain(|name, _| !["data", "extra_data"].contains(&name.as_str()));
        let reading = d["data"][0].as_object_mut().unwrap();
        reading.remove("timestamp");
        reading["device_timestamp"] = json!(7);
    });
    let bare = bare.unwrap();
    assert_eq!(
        (bare.events[0].data.as_ref(), bare.readings[0].stamp),
        (None, Stamp::Uptime(7))
    );
}

#[test]
fn what_is_no_document_is_refused() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"{",
        b"\xff\xd8\xff",
        b"{}{}",
        b"{\"format\":\"v100\",\"format\":\"v100\"}",
    ] {
        assert!(parse_json(body).is_err());
    }
    let mut packed = samples::bytes("flex_events_data.mp");
    assert!((0..packed.len()).all(|length| parse_messagepack(&packed[..length]).is_err()));
    for after in [0xc0, 0x91, 0xcf, 0xc1] {
        packed.push(after);
        assert!(reason(parse_messagepack(&packed)).contains("bytes follow"), "{after:x}");
        packed.pop();
    }
    assert!(parse_messagepack(b"").is_err());
    assert!(parse_json(&vec![b' '; 5 << 20]).is_err());
}

#[test]
fn claims_of_length_take_no_memory() {
    // {"data": an array, a string and a map that say they have 2^32 - 1 members}
    for claim in [0xdd, 0xdb, 0xdf] {
        assert!(parse_messagepack(&[0x81, 0xa4, b'd', b'a', b't', b'a', claim, 0xff, 0xff, 0xff, 0xff, 0x90]).is_err());
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for value in [f64::NAN, f64::INFINITY] {
        let packed = samples::bytes("flex_events_data.mp");
        // The last byte is the value of the last reading, a small integer.
        let mut packed = packed[..packed.len() - 1].to_vec();
        packed.push(0xcb);
        packed.extend(value.to_be_bytes());
        assert_eq!(parse_messagepack(&packed), Err(ReportError::NotFinite { id: 214 }));
    }
    let text = String::from_utf8(samples::bytes("flex_events_data.json")).unwrap();
    for value in ["NaN", "1e999", "-Infinity"] {
        assert!(parse_json(text.replace("\"value\": 4", &format!("\"value\": {value}")).as_bytes()).is_err());
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    assert!(with("/events/0/data", &deep(40)).is_ok());
    assert!(with("/events/0/data", &deep(126)).is_err());
}

#[test]
fn an_error_repeats_little_of_what_was_sent() {
    assert!(reason(with("/device", &json!("x".repeat(100_000)))).len() < 400);
    assert!(reason(with("/format", &json!("é".repeat(100_000)))).len() < 600);
}
