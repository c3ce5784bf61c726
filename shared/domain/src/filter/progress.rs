//! How far a stream has come through its filter.
//!
//! **Late and twice.** Readings count in the order of time, and of ids within a time. The newest that was looked at is kept; what is not newer
//! passes by and moves nothing, be it late, sent again or delivered again. **Many at once.** A stream may do [`ACTIONS_AN_HOUR`] and log
//! [`LOGGED_AN_HOUR`] transitions in an hour; the state goes on beyond that, and the counts of transitions and of what was not done tell of it.

use super::{Action, Filter, StateName};
use crate::FilterId;
use blocks::Reading;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a transition is kept: 30 days.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Most actions of a stream in an hour.
pub const ACTIONS_AN_HOUR: u32 = 100;
/// Most transitions of a stream that are logged in an hour.
pub const LOGGED_AN_HOUR: u32 = 500;

/// Where a stream is in its filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The filter; another one begins anew, with what was seen.
    pub filter: FilterId,
    /// The present state.
    pub state: StateName,
    /// Since which reading's time, in nanoseconds since the epoch; none in a state that no reading led to.
    pub since: Option<i64>,
    /// The newest reading that was looked at.
    pub seen: Option<Seen>,
    /// How many transitions there were.
    pub count: u64,
    /// The hour of the latest transition, counted from the epoch by the worker's clock.
    pub hour: i64,
    /// How many actions were asked for in it.
    pub acted: u32,
    /// How many transitions were logged in it.
    pub logged: u32,
    /// Counts the row's writes, from 1.
    pub version: u64,
}

/// A reading's place in its stream: earlier times first, at one time what has no id, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seen {
    /// Its time, in nanoseconds since the epoch.
    pub time: i64,
    /// Its id.
    pub id: Option<u32>,
}

/// A transition that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fired {
    /// Its number among the stream's transitions, from 1.
    pub number: u64,
    /// The state that was left.
    pub from: StateName,
    /// The state that was entered.
    pub to: StateName,
    /// The time of the reading that brought it about, in nanoseconds since the epoch.
    pub time: i64,
    /// The value of that reading. As JSON: no database rounds it.
    #[serde(with = "super::as_json")]
    pub value: f64,
    /// How many actions it asks for.
    pub actions: u32,
    /// How many more it would have asked for, had there not been so many within the hour.
    pub left_out: u32,
    /// When the worker looked at the reading.
    pub at: Timestamp,
}

impl Seen {
    /// A reading's place.
    pub fn of(reading: &Reading) -> Self {
        let (time, id) = (reading.time, reading.id);
        Self { time, id }
    }
}

impl Progress {
    /// The stream's place in a filter: where it is, if that is this filter and still has the state; else at its beginning.
    pub fn of(filter: FilterId, rules: &Filter, kept: Option<Self>) -> Self {
        let begun = || rules.initial.clone();
        let Some(kept) = kept else {
            return Self::new(filter, begun());
        };
        if kept.filter == filter && rules.state(&kept.state).is_some() {
            return kept;
        }
        Self {
            filter,
            state: begun(),
            since: None,
            ..kept
        }
    }

    fn new(filter: FilterId, state: StateName) -> Self {
        Self {
            filter,
            state,
            since: None,
            seen: None,
            count: 0,
            hour: 0,
            acted: 0,
            logged: 0,
            version: 0,
        }
    }

    /// Whether a reading is newer than all that were looked at.
    pub fn is_news(&self, reading: &Reading) -> bool {
        Some(Seen::of(reading)) > self.seen
    }

    /// Takes one reading in; the transition that it brings about, with what is to be done.
    pub fn take<'a>(
        &mut self,
        filter: &'a Filter,
        reading: &Reading,
        now: Timestamp,
    ) -> Option<(Fired, Vec<&'a Action>)> {
        if !self.is_news(reading) {
            return None;
        }
        self.seen = Some(Seen::of(reading));
        let step = filter.step(&self.state, reading.value)?;
        let from = std::mem::replace(&mut self.state, step.to.clone());
        self.since = Some(reading.time);
        self.count += 1;
        let mut actions = step.actions;
        let asked = count(actions.len());
        actions.truncate(self.allow(asked, now));
        let fired = Fired {
            number: self.count,
            from,
            to: self.state.clone(),
            time: reading.time,
            value: reading.value,
            actions: count(actions.len()),
            left_out: asked - count(actions.len()),
            at: now,
        };
        Some((fired, actions))
    }

    /// Whether one more transition is logged within the hour.
    pub fn logs(&mut self) -> bool {
        let logs = self.logged < LOGGED_AN_HOUR;
        self.logged += u32::from(logs);
        logs
    }

    /// How many of so many actions may be done within the hour.
    fn allow(&mut self, asked: u32, now: Timestamp) -> usize {
        let hour = now.as_second().div_euclid(3600);
        if hour != self.hour {
            (self.hour, self.acted, self.logged) = (hour, 0, 0);
        }
        let allowed = asked.min(ACTIONS_AN_HOUR - self.acted.min(ACTIONS_AN_HOUR));
        self.acted += allowed;
        usize::try_from(allowed).unwrap_or_default()
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
