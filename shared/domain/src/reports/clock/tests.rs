//! Reports of all fates, received at a round time.

use super::*;

const RECEIVED: &str = "2016-09-28T10:00:00Z";

fn reading(stream: u16, id: u32, uptime: u32) -> RawReading {
    RawReading {
        stream,
        id,
        stamp: Stamp::Uptime(uptime),
        value: f64::from(id),
    }
}

/// A report with these (stream, device time), ids counting from `lowest`.
fn report(sent: u32, lowest: u32, readings: &[(u16, u32)]) -> Report {
    let readings: Vec<_> = readings
        .iter()
        .zip(lowest..)
        .map(|((stream, uptime), id)| reading(*stream, id, *uptime))
        .collect();
    let highest = readings.last().map_or(0, |r| r.id);
    Report {
        device: 10,
        streamer: 0,
        selector: 0xd7ff,
        report_id: 1,
        sent,
        lowest,
        highest,
        readings,
        events: Vec::new(),
    }
}

fn time(text: &str) -> ReadingTime {
    text.parse().unwrap()
}

fn fix(report: &Report, previous: Option<&PreviousClock>) -> FixedReport {
    fix_times(report, time(RECEIVED), previous).unwrap()
}

/// Minutes and seconds of every reading, and its status.
fn told(fixed: &FixedReport) -> Vec<(String, Status)> {
    let clock = |nanos| ReadingTime::from_nanos(nanos).unwrap().to_string()[14..19].to_owned();
    let told = |timed: &TimedReading| (clock(timed.reading.time), timed.reading.status);
    fixed.readings.iter().map(told).collect()
}

fn expected(times: &[(&str, Status)]) -> Vec<(String, Status)> {
    times.iter().map(|(time, status)| ((*time).into(), *status)).collect()
}

use Status::{Clean, Dirty, Utc};

/// Two starts in one report; the streamer's report before it went up to id 3, sent at second 60 of a clock that began
/// at 9:53.
fn two_starts() -> Vec<(u16, u32)> {
    let taken = |times: &[u32]| times.iter().map(|time| (0x5001, *time)).collect::<Vec<_>>();
    let start = || vec![(REBOOT, 2)];
    [
        taken(&[10, 20, 30, 40, 50]),
        start(),
        taken(&[10, 20]),
        start(),
        taken(&[10, 20, 30]),
    ]
    .concat()
}

fn before() -> PreviousClock {
    PreviousClock {
        base: time("2016-09-28T09:53:00Z").nanos(),
        highest: 3,
        uptime: 5,
    }
}

#[test]
fn without_a_start_the_arrival_fixes_all() {
    let fixed = fix(
        &report(120, 5, &[(0x5001, 10), (0x5001, 50), (0x5001, 120)]),
        Some(&before()),
    );
    assert_eq!(
        told(&fixed),
        expected(&[("58:10", Clean), ("58:50", Clean), ("00:00", Clean)])
    );
    assert_eq!(
        fixed.clock,
        Some(PreviousClock {
            base: time("2016-09-28T09:58:00Z").nanos(),
            highest: 7,
            uptime: 120
        })
    );
}

#[test]
fn the_previous_report_fixes_the_first_run() {
    let fixed = fix(&report(240, 5, &two_starts()), Some(&before()));
    let first = [
        ("53:10", Clean),
        ("53:20", Clean),
        ("53:30", Clean),
        ("53:40", Clean),
        ("53:50", Clean),
    ];
    let rest = [
        ("55:49", Dirty),
        ("55:59", Dirty),
        ("56:10", Clean),
        ("56:20", Clean),
        ("56:30", Clean),
    ];
    assert_eq!(told(&fixed), expected(&[&first[..], &rest].concat()));
    assert_eq!(
        fixed.clock,
        Some(PreviousClock {
            base: time("2016-09-28T09:56:00Z").nanos(),
            highest: 16,
            uptime: 30
        })
    );
}

#[test]
fn without_one_every_earlier_run_is_dirty() {
    let mut system = report(240, 5, &two_starts());
    system.selector = SYSTEM_SELECTOR;
    let fixed = told(&fix(&system, None));
    // The run in the middle began at 55:39, so the one before it ended at 55:38.
    assert_eq!(
        fixed[..5].iter().map(|(time, _)| time.as_str()).collect::<Vec<_>>(),
        ["54:58", "55:08", "55:18", "55:28", "55:38"]
    );
    assert_eq!(fixed[4..6], expected(&[("55:38", Dirty), ("55:41", Dirty)]));
    assert_eq!(fixed[8], ("56:02".into(), Clean));
}

#[test]
fn a_previous_report_that_cannot_be_right_is_not_used() {
    let dirty = |previous: PreviousClock, readings: &[(u16, u32)]| {
        told(&fix(&report(240, 5, readings), Some(&previous)))[0].1 == Dirty
    };
    assert!(!dirty(before(), &two_starts()));
    assert!(
        dirty(PreviousClock { highest: 5, ..before() }, &two_starts()),
        "ids that it already had"
    );
    assert!(
        dirty(PreviousClock { uptime: 11, ..before() }, &two_starts()),
        "a clock that went back"
    );
    assert!(
        dirty(
            PreviousClock {
                base: time("2016-09-28T09:55:00Z").nanos(),
                ..before()
            },
            &two_starts()
        ),
        "an end after the next start"
    );
    let mark_first = [(REBOOT, 0), (0x5001, 10), (REBOOT, 0), (0x5001, 10)];
    assert!(dirty(before(), &mark_first), "a run that begins with its own start");
}

#[test]
fn times_in_utc_stand() {
    let mut mixed = report(40, 1, &[(0x5001, 1_000), (0x5001, 0), (REBOOT, 0), (0x5001, 20)]);
    mixed.readings[1].stamp = Stamp::Utc(time("2016-09-28T09:12:34Z"));
    mixed.readings[2].stamp = Stamp::Utc(time("2016-09-28T09:59:10Z"));
    assert_eq!(
        told(&fix(&mixed, None)),
        expected(&[("59:09", Dirty), ("12:34", Utc), ("59:40", Clean)])
    );
}

#[test]
fn an_unknown_clock_ends_when_the_report_arrives() {
    for sent in [UTC_BIT | 5, u32::MAX] {
        let alone = report(sent, 5, &[(0x5001, 10), (0x5001, 20)]);
        assert_eq!(
            told(&fix(&alone, None)),
            expected(&[("59:50", Dirty), ("00:00", Dirty)])
        );
        assert_eq!(fix(&alone, None).clock, None);
        assert_eq!(
            told(&fix(&alone, Some(&before()))),
            expected(&[("53:10", Clean), ("53:20", Clean)])
        );
        assert_eq!(fix(&alone, Some(&before())).clock, Some(before()));
        assert_eq!(fix(&report(sent, 5, &two_starts()), Some(&before())).clock, None);
    }
}

#[test]
fn a_report_that_comes_late_or_again_changes_no_clock() {
    let newer = PreviousClock {
        highest: 100,
        ..before()
    };
    for again in [
        report(120, 5, &[(0x5001, 10)]),
        report(120, 100, &[(0x5001, 10)]),
        report(120, 0, &[]),
    ] {
        assert_eq!(fix(&again, Some(&newer)).clock, Some(newer));
    }
}

#[test]
fn order_in_the_file_does_not_matter_but_ids_do() {
    let mut shuffled = report(240, 5, &two_starts());
    shuffled.readings.reverse();
    assert_eq!(fix(&shuffled, None), fix(&report(240, 5, &two_starts()), None));
    shuffled.readings.push(reading(0x5002, 0, 230));
    let loose = fix(&shuffled, None).readings.pop().unwrap().reading;
    assert_eq!(
        (loose.id, loose.time, loose.status),
        (None, time("2016-09-28T09:59:50Z").nanos(), Clean)
    );
}

#[test]
fn impossible_times_are_refused() {
    let at = |received: &str, sent, readings: &[(u16, u32)]| {
        fix_times(&report(sent, 1, readings), time(received), None).map(|_| ())
    };
    assert_eq!(
        at("1970-01-01T00:01:00Z", 100, &[(1, 10)]),
        Err(ReportError::ImpossibleTime { id: 1 })
    );
    assert_eq!(at("1970-01-01T00:01:00Z", 100, &[(1, 40)]), Ok(()));
    assert_eq!(
        at("2262-04-11T23:47:16Z", 0, &[(1, 1), (2, u32::MAX >> 1)]),
        Err(ReportError::ImpossibleTime { id: 1 })
    );
    let century = [(1, 0), (1, u32::MAX >> 1), (REBOOT, 0), (1, u32::MAX >> 1), (REBOOT, 0)];
    assert_eq!(
        at("2020-01-01T00:00:00Z", 0, &century),
        Err(ReportError::ImpossibleTime { id: 1 })
    );
}
