//! The sample reports, one after another.

use super::*;
use domain::reports;
use domain::task::ReportFormat;
use proptest::prelude::*;

fn read(file: &str) -> Read {
    let bytes = std::fs::read(format!(
        "{}/../../tests/data/reports/{file}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let format = match file.rsplit_once('.').unwrap().1 {
        "bin" => ReportFormat::Binary,
        "json" => ReportFormat::Json,
        _ => ReportFormat::Messagepack,
    };
    Read {
        report: reports::parse(format, &bytes).unwrap(),
        received_at: "2020-01-02T03:04:05Z".parse().unwrap(),
        bytes,
        archive: None,
    }
}

fn count(fresh: &Fresh) -> u64 {
    fresh
        .streams
        .iter()
        .flat_map(|stream| &stream.blocks)
        .map(|block| block.summary.count)
        .sum()
}

#[test]
fn an_older_report_still_counts_and_a_second_copy_does_not() {
    let mut streamer = Streamer::default();
    let mut added = Vec::new();
    for file in [
        "valid_large_10000.bin",
        "valid_large_10000.bin",
        "valid_small_16.bin",
        "valid_small_16.bin",
        "empty_0.bin",
    ] {
        let fresh = fresh(&read(file), &streamer, Acceptance(1)).unwrap();
        added.push(count(&fresh));
        streamer = fresh.streamer;
    }
    assert_eq!(added, [10_000, 0, 16, 0, 0]);
    assert_eq!(streamer.version, 5);
    assert_eq!(streamer.stored.iter().collect::<Vec<_>>(), [(1, 10_016)]);
}

#[test]
fn events_are_kept_once_with_their_times() {
    let first = fresh(&read("flex_events_data.json"), &Streamer::default(), Acceptance(1)).unwrap();
    assert_eq!((count(&first), first.events.len()), (5, 3));
    let (event, time) = &first.events[0];
    let summary = event.extra_data.as_ref().map(domain::reports::JsonText::as_str);
    assert_eq!(summary, Some(r#"{"axis":"z","peak":45.4,"duration":15}"#));
    assert_eq!(time.to_string(), "2020-01-01T01:00:00Z");
    let again = fresh(&read("flex_events_data.json"), &first.streamer, Acceptance(2)).unwrap();
    assert_eq!((count(&again), again.events.len()), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ids_that_are_stored_are_left_out(low in 0..20u32, length in 0..20u32) {
        let mut streamer = Streamer::default();
        streamer.stored.insert(low..=low + length);
        let fresh = fresh(&read("valid_small_16.bin"), &streamer, Acceptance(1)).unwrap();
        let expected: Vec<u32> = (1..=16).filter(|id| !(low..=low + length).contains(id)).collect();
        let mut ids: Vec<u32> = fresh.streams.iter().flat_map(|stream| &stream.blocks)
            .flat_map(|block| block.decode().unwrap()).filter_map(|reading| reading.id).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, expected);
        prop_assert!((1..=16).all(|id| fresh.streamer.stored.contains(id)));
    }
}
