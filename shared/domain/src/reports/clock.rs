//! When readings were taken, from a device's seconds and the time its report arrived.
//!
//! A device counts seconds from its start and forgets them when it starts anew; a reading of [`REBOOT`] marks where
//! it did. The marks cut a report, in the order of its ids, into runs that each have one clock. A run's base is the
//! time at which its clock stood at 0:
//!
//! 1. The last run's base is when the report arrived less the report's `sent`. Its readings are clean.
//! 2. An earlier run ends one second before the base of the run after it (before its mark, if the device stamped that
//!    in UTC); its base follows from the greatest device time in it. Its readings are dirty: how long the device was
//!    off, nobody knows.
//! 3. The first run, if it does not begin with a mark, goes on where the streamer's previous report ended, so it has
//!    that report's base and is clean after all. This holds only if nothing speaks against it: its ids are above that
//!    report's highest, its device times are not below that report's last, and it ends no later than the next run
//!    begins. Otherwise a start was lost between the two, and rule 2 applies.
//! 4. If `sent` has bit 31 or says that the device did not know, the last run's base is unknown: rule 3, else rule 2
//!    with the arrival as its end.
//!
//! Readings with a time of their own ([`Stamp::Utc`]) keep it. Readings without an id have no place in the order, so
//! they count to the last run.

mod events;

pub use events::event_times;

use super::{NANOS_PER_SECOND, REBOOT, RawReading, Report, ReportError, SYSTEM_SELECTOR, Stamp, UTC_BIT};
use crate::reading::{ReadingTime, VariableName};
use blocks::{Reading, Status};
use serde::{Deserialize, Serialize};

/// What a report tells of its streamer's clock, for the next report of that streamer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousClock {
    /// When the device's clock stood at 0, in nanoseconds since the Unix epoch; may be negative.
    pub base: i64,
    /// The highest id of the report.
    pub highest: u32,
    /// The greatest device time of the report's last run, in seconds since the device's start; 0 for none.
    pub uptime: u32,
}

/// A reading with its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimedReading {
    /// The stream it belongs to.
    pub stream: u16,
    /// Time, value, status; an id, unless the report gave it none.
    pub reading: Reading,
}

impl TimedReading {
    /// The name of its stream.
    pub fn variable(&self) -> VariableName {
        VariableName::from_stream(self.stream)
    }
}

/// A report's readings, and what to remember for the next.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedReport {
    /// The readings that are kept, by id; those without one come last. Marks of reboots are gone unless the selector
    /// is [`SYSTEM_SELECTOR`].
    pub readings: Vec<TimedReading>,
    /// Replaces what is remembered for the streamer.
    pub clock: Option<PreviousClock>,
}

/// Gives a report's readings their times. `previous` is what the streamer's last report, in order of arrival, left in
/// [`FixedReport::clock`].
///
/// Fails if a time would come out before 1970 or after 2262.
pub fn fix_times(
    report: &Report,
    received_at: ReadingTime,
    previous: Option<&PreviousClock>,
) -> Result<FixedReport, ReportError> {
    let (mut ordered, loose): (Vec<&RawReading>, Vec<&RawReading>) = report.readings.iter().partition(|r| r.id != 0);
    ordered.sort_by_key(|reading| reading.id);
    let runs: Vec<Run> = ordered.chunk_by(|_, next| next.stream != REBOOT).map(Run).collect();
    let arrival = i128::from(received_at.nanos());
    let known = (report.sent & UTC_BIT == 0).then(|| arrival - seconds(report.sent));
    let clocks = clocks(&runs, known, arrival, previous);
    let loose = Run(&loose);
    let alone = || known.map_or_else(|| loose.ending(arrival), Clock::clean);
    let last = clocks.last().copied().unwrap_or_else(alone);
    let timed = runs.iter().zip(clocks).chain([(&loose, last)]);
    let readings = timed
        .flat_map(|(run, clock)| clock.times(run, report))
        .collect::<Result<_, _>>()?;
    Ok(FixedReport {
        readings,
        clock: remember(report, &runs, known, previous),
    })
}

/// What to remember: the clock of the newest ids. A report that comes late, or again, knows nothing newer.
fn remember(
    report: &Report,
    runs: &[Run],
    known: Option<i128>,
    previous: Option<&PreviousClock>,
) -> Option<PreviousClock> {
    let previous = previous.copied();
    let Some(last) = runs.last() else { return previous };
    if previous.is_some_and(|previous| previous.highest >= report.highest) {
        return previous;
    }
    let uptime = last.uptimes().max().unwrap_or(0);
    match known {
        Some(base) => Some(PreviousClock {
            base: i64::try_from(base).ok()?,
            highest: report.highest,
            uptime,
        }),
        // Of a clock that is unknown, all there is to know is whether it is still the previous one.
        None => previous.filter(|_| !runs.iter().any(Run::begins_with_mark)),
    }
}

/// The clock of every run, found from the last to the first.
fn clocks(runs: &[Run], known: Option<i128>, arrival: i128, previous: Option<&PreviousClock>) -> Vec<Clock> {
    let mut clocks = Vec::with_capacity(runs.len());
    let mut known = known;
    // When the run after this one began, or the report arrived; and the time by which this run must have ended.
    let mut bound = arrival;
    let mut end = bound;
    for (at, run) in runs.iter().enumerate().rev() {
        let continued = previous.filter(|previous| at == 0 && run.continues(previous, bound));
        let clock = match (known.take(), continued) {
            (Some(base), _) => Clock::clean(base),
            (None, Some(previous)) => Clock::clean(i128::from(previous.base)),
            (None, None) => run.ending(end),
        };
        bound = run.beginning(clock);
        end = bound - seconds(1);
        clocks.push(clock);
    }
    clocks.reverse();
    clocks
}

/// Readings between two starts of the device, by id; all but a report's first run begin with a mark.
struct Run<'a>(&'a [&'a RawReading]);

impl Run<'_> {
    fn begins_with_mark(&self) -> bool {
        self.0.first().is_some_and(|reading| reading.stream == REBOOT)
    }

    fn uptimes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().filter_map(|reading| match reading.stamp {
            Stamp::Uptime(seconds) => Some(seconds),
            Stamp::Utc(_) => None,
        })
    }

    /// The clock of a run of which only the end is known.
    fn ending(&self, end: i128) -> Clock {
        Clock {
            base: end - seconds(self.uptimes().max().unwrap_or(0)),
            status: Status::Dirty,
        }
    }

    /// When the run began: at its mark's own time if that is in UTC, else when its clock stood at 0.
    fn beginning(&self, clock: Clock) -> i128 {
        match self.0.first() {
            Some(RawReading {
                stream: REBOOT,
                stamp: Stamp::Utc(time),
                ..
            }) => i128::from(time.nanos()),
            _ => clock.base,
        }
    }

    /// Whether nothing speaks against this run being on the clock of the previous report.
    fn continues(&self, previous: &PreviousClock, bound: i128) -> bool {
        let later_ids = self.0.first().is_some_and(|reading| reading.id > previous.highest);
        let later_times = self.uptimes().min().is_none_or(|least| least >= previous.uptime);
        let last = i128::from(previous.base) + seconds(self.uptimes().max().unwrap_or(0));
        !self.begins_with_mark() && later_ids && later_times && last <= bound
    }
}

/// When a clock stood at 0, in nanoseconds since the Unix epoch, and how sure that is. 128 bits hold any number of
/// runs of 68 years.
#[derive(Clone, Copy)]
struct Clock {
    base: i128,
    status: Status,
}

impl Clock {
    fn clean(base: i128) -> Self {
        Self {
            base,
            status: Status::Clean,
        }
    }

    /// The readings of a run that are kept, with their times.
    fn times(self, run: &Run, report: &Report) -> impl Iterator<Item = Result<TimedReading, ReportError>> {
        let keeps_marks = report.selector == SYSTEM_SELECTOR;
        let kept = run
            .0
            .iter()
            .filter(move |reading| keeps_marks || reading.stream != REBOOT);
        kept.map(move |reading| self.time(reading))
    }

    fn time(self, raw: &RawReading) -> Result<TimedReading, ReportError> {
        let (nanos, status) = match raw.stamp {
            Stamp::Uptime(uptime) => (self.base + seconds(uptime), self.status),
            Stamp::Utc(time) => (i128::from(time.nanos()), Status::Utc),
        };
        let time = i64::try_from(nanos)
            .ok()
            .filter(|nanos| *nanos >= 0)
            .ok_or(ReportError::ImpossibleTime { id: raw.id })?;
        let reading = Reading {
            time,
            value: raw.value,
            status,
            id: (raw.id != 0).then_some(raw.id),
        };
        Ok(TimedReading {
            stream: raw.stream,
            reading,
        })
    }
}

fn seconds(count: u32) -> i128 {
    i128::from(count) * i128::from(NANOS_PER_SECOND)
}

#[cfg(test)]
mod tests;
