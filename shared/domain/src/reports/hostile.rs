//! Bytes and reports that nobody should send do no harm.

use super::samples::bytes;
use super::*;
use proptest::prelude::*;

/// Samples short enough that a random change hits something.
const SHORT: [&str; 4] = [
    "reboot_mid.bin",
    "rtc_utc_5.bin",
    "flex_events_data.json",
    "flex_events_data.mp",
];

/// The places and the new values of some bytes.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..5)
}

fn survive(bytes: &[u8]) {
    for report in [
        binary::parse(bytes),
        flexible::parse_json(bytes),
        flexible::parse_messagepack(bytes),
    ]
    .into_iter()
    .flatten()
    {
        let previous = PreviousClock {
            base: i64::MIN,
            highest: report.lowest / 2,
            uptime: 0,
        };
        for received in [0, i64::MAX] {
            let received = ReadingTime::from_nanos(received).unwrap();
            let _ = fix_times(&report, received, Some(&previous));
            let _ = fix_times(&report, received, None);
        }
    }
}

/// Any report at all, so that clocks are tried with what no sample has.
fn any_report() -> impl Strategy<Value = Report> {
    let stamp = any::<u32>().prop_map(|raw| Stamp::of_device_time(raw).unwrap_or(Stamp::Uptime(0)));
    let stream = prop_oneof![Just(REBOOT), Just(0x5001)];
    let reading = (stream, 0..50u32, stamp).prop_map(|(stream, id, stamp)| RawReading {
        stream,
        id,
        stamp,
        value: 1.0,
    });
    (any::<u32>(), any::<bool>(), proptest::collection::vec(reading, 0..20)).prop_map(|(sent, system, readings)| {
        let selector = if system { SYSTEM_SELECTOR } else { 0xd7ff };
        Report {
            device: 1,
            streamer: 0,
            selector,
            report_id: 1,
            sent,
            lowest: 0,
            highest: 50,
            readings,
            events: Vec::new(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn changed_samples_do_no_harm(file in prop::sample::select(&SHORT[..]), changes in changes()) {
        let mut bytes = bytes(file);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survive(&bytes);
    }

    #[test]
    fn every_reading_is_kept_or_the_report_refused(
        report in any_report(), received in 0..=i64::MAX, base in any::<i64>(), highest in 0..60u32,
    ) {
        let previous = PreviousClock { base, highest, uptime: highest };
        let keeps_marks = report.selector == SYSTEM_SELECTOR;
        if let Ok(fixed) = fix_times(&report, ReadingTime::from_nanos(received).unwrap(), Some(&previous)) {
            let kept = report.readings.iter().filter(|r| r.stream != REBOOT || keeps_marks).count();
            prop_assert_eq!(fixed.readings.len(), kept);
            prop_assert!(fixed.readings.iter().all(|r| r.reading.time >= 0));
        }
    }
}
