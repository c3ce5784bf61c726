//! Signs of life: which checks run how often, how often workers give a heartbeat, and when staff are told that one is missing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a heartbeat goes through each worker.
pub const HEARTBEAT_PERIOD: SignedDuration = SignedDuration::from_mins(5);
/// A worker without a heartbeat for longer than two periods is silent: one beat that comes late is no accident.
pub const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How long whoever is to tell staff has for it: longer than the check's time-out, shorter than its period.
const TO_TELL: SignedDuration = SignedDuration::from_mins(2);

/// What the outbox's sweep is called in the status.
pub const SWEEP: &str = "sweep-outbox";
/// How often the outbox is swept.
pub const SWEEP_PERIOD: SignedDuration = SignedDuration::from_mins(1);

/// What the archive of journals is called in the status.
pub const ARCHIVE: &str = "archive-journals";
/// How often journals are copied to it.
pub const ARCHIVE_PERIOD: SignedDuration = SignedDuration::from_mins(5);

/// A scheduled check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// How many messages wait, run and were given up; whether paused queues have drained.
    WatchQueues,
    /// Whether the workers work.
    Heartbeat,
    /// Which devices fell silent or came back.
    CheckDevices,
    /// Which readings are dated in the future.
    CheckReadings,
    /// The figures of the day before.
    GatherStatistics,
    /// What AWS has billed.
    GatherCosts,
    /// Which organisations' stacks are behind.
    UpgradeOrganizations,
    /// Which closing organisations' time has come, or is near.
    CloseOrganizations,
    /// Which verified domains still have their record.
    CheckDomains,
    /// Which readings lie in more blocks than they need.
    CompactReadings,
}

impl Check {
    /// Every check there is.
    pub const ALL: &[Self] = &[
        Self::WatchQueues,
        Self::Heartbeat,
        Self::CheckDevices,
        Self::CheckReadings,
        Self::GatherStatistics,
        Self::GatherCosts,
        Self::UpgradeOrganizations,
        Self::CloseOrganizations,
        Self::CheckDomains,
        Self::CompactReadings,
    ];

    /// What it is called in the status; its rule's name ends with it.
    pub fn name(self) -> &'static str {
        match self {
            Self::WatchQueues => "watch-queues",
            Self::Heartbeat => "heartbeat",
            Self::CheckDevices => "check-devices",
            Self::CheckReadings => "check-readings",
            Self::GatherStatistics => "gather-statistics",
            Self::GatherCosts => "gather-costs",
            Self::UpgradeOrganizations => "upgrade-organizations",
            Self::CloseOrganizations => "close-organizations",
            Self::CheckDomains => "check-domains",
            Self::CompactReadings => "compact-readings",
        }
    }

    /// How often it runs.
    pub fn period(self) -> SignedDuration {
        match self {
            Self::WatchQueues => SignedDuration::from_mins(1),
            Self::Heartbeat => HEARTBEAT_PERIOD,
            Self::CheckDevices => SignedDuration::from_mins(30),
            Self::CheckReadings => SignedDuration::from_hours(1),
            Self::GatherStatistics
            | Self::GatherCosts
            | Self::UpgradeOrganizations
            | Self::CloseOrganizations
            | Self::CheckDomains
            | Self::CompactReadings => SignedDuration::from_hours(24),
        }
    }
}

/// Whether something that runs that often and ran that long ago is late: it has missed more than two turns.
pub fn is_late(age: SignedDuration, period: SignedDuration) -> bool {
    age > period * 3
}

/// Whether a worker is silent, and whether staff know.
///
/// Staff are told of each turn: the row says that they are to be told, whoever wrote it tells them, then it says that they were. If it
/// still does not when their time is over, the next check tells them: twice rather than never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The worker.
    pub worker: String,
    /// Whether it is silent.
    pub silent: bool,
    /// Since when that is known.
    pub since: Timestamp,
    /// Before that nobody listened: the watch began, or the worker's queue was paused.
    pub watched_from: Timestamp,
    /// Whether staff know.
    pub told: bool,
    /// Until when whoever wrote this has the time to tell them.
    pub telling_until: Option<Timestamp>,
    /// Counts the row's writes: each is made over the one before.
    pub revision: u64,
}

/// What a check finds of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// The worker's last heartbeat, if there has been one.
    pub last_beat: Option<Timestamp>,
    /// Whether staff have paused its queue: then its silence is theirs.
    pub paused: bool,
}

impl Alert {
    /// The first row of a worker: nobody has listened before.
    fn first(worker: &str, now: Timestamp) -> Self {
        Self {
            worker: worker.to_owned(),
            silent: false,
            since: now,
            watched_from: now,
            told: true,
            telling_until: None,
            revision: 1,
        }
    }

    /// The row that a check has to write, if any. Whoever has written one that says `told: false` tells staff.
    pub fn after(before: Option<&Self>, worker: &str, pulse: Pulse, now: Timestamp) -> Option<Self> {
        let Some(before) = before else {
            return Some(Self::first(worker, now));
        };
        let next = Self {
            revision: before.revision + 1,
            ..before.clone()
        };
        if pulse.paused {
            return Some(Self {
                watched_from: now,
                ..next
            });
        }
        let heard = pulse.last_beat.unwrap_or(before.watched_from).max(before.watched_from);
        // Listening anew tells nothing: only a beat ends a silence.
        let silent = match before.silent {
            true => pulse.last_beat.is_none_or(|at| now.duration_since(at) > SILENT_AFTER),
            false => now.duration_since(heard) > SILENT_AFTER,
        };
        let telling_until = Some(now + TO_TELL);
        if silent != before.silent {
            return Some(Self {
                silent,
                since: now,
                told: false,
                telling_until,
                ..next
            });
        }
        let overdue = !before.told && before.telling_until.is_none_or(|until| until <= now);
        overdue.then_some(Self { telling_until, ..next })
    }

    /// The row once staff have been told.
    #[must_use]
    pub fn told(&self) -> Self {
        Self {
            told: true,
            telling_until: None,
            revision: self.revision + 1,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn beat(minute: i64) -> Pulse {
        Pulse {
            last_beat: Some(at(minute)),
            paused: false,
        }
    }

    const NONE: Pulse = Pulse {
        last_beat: None,
        paused: false,
    };
    const PAUSED: Pulse = Pulse {
        last_beat: None,
        paused: true,
    };

    fn check(before: &Alert, pulse: Pulse, minute: i64) -> Option<Alert> {
        Alert::after(Some(before), &before.worker, pulse, at(minute))
    }

    #[test]
    fn a_worker_that_never_beats_is_told_of_two_periods_after_the_watch_began() {
        let first = Alert::after(None, "aws-worker", NONE, at(0)).unwrap();
        assert!(first.told && !first.silent);
        assert_eq!(check(&first, NONE, 10), None);
        let silent = check(&first, NONE, 11).unwrap();
        assert!(silent.silent && !silent.told);
        assert_eq!((silent.since, silent.revision), (at(11), 2));
    }

    #[test]
    fn each_turn_is_told_once() {
        let first = Alert::after(None, "aws-worker", NONE, at(0)).unwrap();
        assert_eq!(check(&first, beat(15), 20), None);
        let silent = check(&first, beat(15), 30).unwrap().told();
        assert!(silent.silent && silent.told);
        assert_eq!(check(&silent, beat(15), 35), None);
        let back = check(&silent, beat(39), 40).unwrap();
        assert!(!back.silent && !back.told);
        assert_eq!(check(&back.told(), beat(44), 45), None);
    }

    #[test]
    fn what_a_crash_left_untold_is_told_by_the_next_check() {
        let first = Alert::after(None, "aws-worker", NONE, at(0)).unwrap();
        let silent = check(&first, NONE, 15).unwrap();
        assert_eq!(check(&silent, NONE, 16), None, "whoever wrote it still has time");
        let again = check(&silent, NONE, 20).unwrap();
        assert!(again.silent && !again.told);
        assert_eq!((again.since, again.revision), (silent.since, silent.revision + 1));
    }

    #[test]
    fn a_pause_is_no_silence_and_does_not_end_one() {
        let first = Alert::after(None, "aws-worker", NONE, at(0)).unwrap();
        let paused = check(&first, PAUSED, 60).unwrap();
        assert!(paused.told && !paused.silent);
        assert_eq!(check(&paused, beat(0), 65), None, "resumed: it has two periods to beat");
        assert!(check(&paused, beat(0), 71).unwrap().silent);
        let silent = check(&first, NONE, 15).unwrap().told();
        let paused = check(&silent, PAUSED, 20).unwrap();
        assert!(paused.silent && paused.told);
        assert_eq!(check(&paused, NONE, 25), None);
    }
}
