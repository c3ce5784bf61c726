//! When a report's events happened: on the clocks that its readings tell.

use super::{Clock, RawReading, ReadingTime, Report, ReportError, Run, Stamp, UTC_BIT, clocks, seconds};
use crate::reports::PreviousClock;

/// The times of a report's events, in their order in the report. Arguments and failure are those of [`super::fix_times`].
///
/// An event with a time of its own keeps it. Another is on the clock of the run of readings that its id falls in; without an id, or in
/// a report without readings, on the clock that the report was sent on.
pub fn event_times(
    report: &Report,
    received_at: ReadingTime,
    previous: Option<&PreviousClock>,
) -> Result<Vec<ReadingTime>, ReportError> {
    let mut ordered: Vec<&RawReading> = report.readings.iter().filter(|r| r.id != 0).collect();
    ordered.sort_by_key(|reading| reading.id);
    let runs: Vec<Run> = ordered
        .chunk_by(|_, next| next.stream != super::REBOOT)
        .map(Run)
        .collect();
    let arrival = i128::from(received_at.nanos());
    let known = (report.sent & UTC_BIT == 0).then(|| arrival - seconds(report.sent));
    let clocks = clocks(&runs, known, arrival, previous);
    let last = clocks
        .last()
        .map_or_else(|| known.unwrap_or_else(|| arrival - latest(report)), |clock| clock.base);
    let base = |id: u32| match runs.partition_point(|run| run.begins_by(id)) {
        _ if id == 0 => last,
        after => clocks
            .get(after.saturating_sub(1))
            .map_or(last, |clock: &Clock| clock.base),
    };
    let time = |id, nanos: i128| {
        let nanos = i64::try_from(nanos).ok();
        let time = nanos.and_then(|nanos| ReadingTime::from_nanos(nanos).ok());
        time.ok_or(ReportError::ImpossibleTime { id })
    };
    let events = report.events.iter();
    events
        .map(|event| match event.stamp {
            Stamp::Utc(time) => Ok(time),
            Stamp::Uptime(uptime) => time(event.id, base(event.id) + seconds(uptime)),
        })
        .collect()
}

/// How long the device had been on at its latest event: an unknown clock is taken to end as the report arrives.
fn latest(report: &Report) -> i128 {
    let uptimes = report.events.iter().filter_map(|event| match event.stamp {
        Stamp::Uptime(uptime) => Some(uptime),
        Stamp::Utc(_) => None,
    });
    seconds(uptimes.max().unwrap_or(0))
}

impl Run<'_> {
    /// Whether the run begins at that id or before.
    fn begins_by(&self, id: u32) -> bool {
        self.0.first().is_some_and(|reading| reading.id <= id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::{Event, REBOOT};

    fn report(readings: &[(u16, u32, u32)], events: &[(u32, Stamp)], sent: u32) -> Report {
        let reading = |(stream, id, uptime): &(u16, u32, u32)| RawReading {
            stream: *stream,
            id: *id,
            stamp: Stamp::Uptime(*uptime),
            value: 0.0,
        };
        let event = |(id, stamp): &(u32, Stamp)| Event {
            stream: 0x5001,
            id: *id,
            stamp: *stamp,
            extra_data: None,
            data: None,
        };
        Report {
            device: 1,
            streamer: 0,
            selector: 0xd7ff,
            report_id: 1,
            sent,
            lowest: 0,
            highest: 100,
            readings: readings.iter().map(reading).collect(),
            events: events.iter().map(event).collect(),
        }
    }

    fn times(report: &Report) -> Vec<String> {
        let received = "2026-01-01T01:00:00Z".parse().unwrap();
        let times = event_times(report, received, None).unwrap();
        times.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_event_before_a_reboot_is_on_the_clock_before_it() {
        let own = Stamp::Utc("2026-01-01T00:00:07Z".parse().unwrap());
        let events = [
            (2, Stamp::Uptime(20)),
            (5, Stamp::Uptime(20)),
            (0, Stamp::Uptime(30)),
            (6, own),
        ];
        let rebooted = report(&[(0x5001, 1, 10), (0x5001, 3, 30), (REBOOT, 4, 0)], &events, 60);
        // The clock that sent the report began at 00:59:00, so the run before ended at 00:58:59 with its 30th second.
        let expected = [
            "2026-01-01T00:58:49Z",
            "2026-01-01T00:59:20Z",
            "2026-01-01T00:59:30Z",
            "2026-01-01T00:00:07Z",
        ];
        assert_eq!(times(&rebooted), expected);
    }

    #[test]
    fn a_report_of_events_alone_has_a_clock_too() {
        let events = [(1, Stamp::Uptime(20)), (2, Stamp::Uptime(50))];
        assert_eq!(
            times(&report(&[], &events, 60)),
            ["2026-01-01T00:59:20Z", "2026-01-01T00:59:50Z"]
        );
        let unknown = report(&[], &events, u32::MAX);
        assert_eq!(times(&unknown), ["2026-01-01T00:59:30Z", "2026-01-01T01:00:00Z"]);
    }
}
