//! What each component's signs tell of it.

use aws_dynamodb::{Pause, QueueReport, Signs};
use domain::health::{ARCHIVE, ARCHIVE_PERIOD, Check, HEARTBEAT_PERIOD, SILENT_AFTER, SWEEP, SWEEP_PERIOD, is_late};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Each worker and the queue that its heartbeats come over.
const WORKERS: &[(&str, &str)] = &[("aws-worker", "tasks"), ("ingest-worker", "readings")];

/// How a component fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should.
    Operational,
    /// It works, and something needs a look: messages were given up, or a round was missed.
    Degraded,
    /// No sign of life in time.
    Failing,
    /// Staff have paused it; what comes in waits, and nothing is lost.
    Paused,
    /// No sign of it yet: it has just been deployed.
    Unknown,
}

/// What kind of component it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentType {
    /// The HTTPS API.
    Api,
    /// A worker behind a queue.
    Worker,
    /// A queue of messages.
    Queue,
    /// The sweep that wakes tasks whose messages were lost.
    Sweeper,
    /// A scheduled check.
    Check,
}

/// A part of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Component {
    /// Its name, as in `aws-worker`.
    pub name: String,
    /// What kind of component it is.
    #[serde(rename = "type")]
    pub kind: ComponentType,
    /// How it fares.
    pub state: State,
    /// When it last gave a sign of life: a worker its heartbeat, a check or the sweeper its last run to the end, a queue when it was looked at.
    pub last_seen: Option<Timestamp>,
    /// How long ago that was.
    pub age_seconds: Option<i64>,
    /// Whether the whole fails with it.
    #[serde(skip)]
    pub essential: bool,
}

/// Every component of the system.
pub fn components(signs: &Signs, pauses: &[Pause], now: Timestamp) -> Vec<Component> {
    let is_paused = |queue: &str| pauses.iter().any(|pause| pause.queue == queue);
    let api = component("api", ComponentType::Api, Some(now), now, |_| State::Operational);
    let workers = WORKERS.iter().map(|(name, queue)| {
        let beat = signs.heartbeats.iter().find(|beat| beat.worker == *name);
        let paused = is_paused(queue);
        component(
            name,
            ComponentType::Worker,
            beat.map(|beat| beat.at),
            now,
            |age| match () {
                () if paused => State::Paused,
                () => alive(age, age.is_none_or(|age| age > SILENT_AFTER + HEARTBEAT_PERIOD)),
            },
        )
    });
    let sweeper = scheduled(SWEEP, ComponentType::Sweeper, SWEEP_PERIOD, signs, now);
    let queues = signs.queues.iter().flat_map(|seen| {
        let state = move |report: &QueueReport, age| queue_state(report, is_paused(&report.name), age);
        seen.queues.iter().map(move |report| {
            let kind = ComponentType::Queue;
            component(&report.name, kind, Some(seen.at), now, |age| state(report, age))
        })
    });
    let checks = Check::ALL.iter().map(|check| {
        let component = scheduled(check.name(), ComponentType::Check, check.period(), signs, now);
        let essential = matches!(check, Check::WatchQueues | Check::Heartbeat);
        Component { essential, ..component }
    });
    let archive = scheduled(ARCHIVE, ComponentType::Check, ARCHIVE_PERIOD, signs, now);
    let archive = Component {
        essential: false,
        ..archive
    };
    let first = std::iter::once(api).chain(workers).chain(queues);
    first.chain([sweeper]).chain(checks).chain([archive]).collect()
}

/// What is scheduled, by its last run.
fn scheduled(name: &str, kind: ComponentType, period: SignedDuration, signs: &Signs, now: Timestamp) -> Component {
    let run = signs.checks.iter().find(|run| run.check == name);
    component(name, kind, run.map(|run| run.at), now, |age| {
        alive(age, age.is_none_or(|age| is_late(age, period)))
    })
}

fn component(
    name: &str,
    kind: ComponentType,
    last_seen: Option<Timestamp>,
    now: Timestamp,
    state: impl Fn(Option<SignedDuration>) -> State,
) -> Component {
    let age = last_seen.map(|at| now.duration_since(at));
    Component {
        name: name.to_owned(),
        kind,
        state: state(age),
        last_seen,
        age_seconds: age.map(|age| age.as_secs().max(0)),
        essential: true,
    }
}

/// What a sign of life tells.
fn alive(age: Option<SignedDuration>, late: bool) -> State {
    match age {
        None => State::Unknown,
        Some(_) if late => State::Failing,
        Some(_) => State::Operational,
    }
}

/// What was seen of a queue; what was seen long ago tells nothing.
fn queue_state(report: &QueueReport, paused: bool, age: Option<SignedDuration>) -> State {
    let stale = age.is_none_or(|age| is_late(age, Check::WatchQueues.period()));
    match report.dead {
        _ if paused => State::Paused,
        _ if stale => State::Unknown,
        0 => State::Operational,
        _ => State::Degraded,
    }
}

/// How the whole fares. What looks after the system once in a while is missed for a day at most, and does not fail it.
pub fn whole(components: &[Component]) -> State {
    let any = |state, essential: bool| {
        let found = components
            .iter()
            .find(|one| one.state == state && one.essential >= essential);
        found.is_some()
    };
    if any(State::Failing, true) {
        State::Failing
    } else if any(State::Unknown, true) {
        State::Unknown
    } else if any(State::Failing, false) || any(State::Degraded, false) || any(State::Paused, false) {
        State::Degraded
    } else {
        State::Operational
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use aws_dynamodb::{CheckRun, Heartbeat, QueuesSeen};

    pub fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    /// Signs of a good day, each so many seconds old.
    pub fn signs(age: i64) -> Signs {
        let at = now() - SignedDuration::from_secs(age);
        let beat = |(worker, _): &(&str, &str)| Heartbeat {
            worker: (*worker).to_owned(),
            sent_at: at,
            at,
        };
        let run = |check: &str| CheckRun {
            check: check.to_owned(),
            at,
        };
        let report = |name: &str| QueueReport {
            name: name.to_owned(),
            waiting: 3,
            in_flight: 1,
            dead: 0,
        };
        let queues = ["tasks", "readings", "reports"].map(report).to_vec();
        let checks = Check::ALL.iter().map(|check| check.name()).chain([SWEEP, ARCHIVE]);
        Signs {
            heartbeats: WORKERS.iter().map(beat).collect(),
            queues: Some(QueuesSeen { at, queues }),
            checks: checks.map(run).collect(),
        }
    }

    fn state(signs: &Signs, pauses: &[Pause]) -> State {
        whole(&components(signs, pauses, now()))
    }

    #[test]
    fn silence_is_failure_and_nothing_yet_is_unknown() {
        assert_eq!(state(&Signs::default(), &[]), State::Unknown);
        assert_eq!(state(&signs(10), &[]), State::Operational);
        assert_eq!(
            state(&signs(200), &[]),
            State::Failing,
            "the sweeper and the watch are late"
        );
        let mut silent = signs(10);
        silent.heartbeats[1].at = now() - SignedDuration::from_secs(901);
        assert_eq!(state(&silent, &[]), State::Failing);
        silent.heartbeats.remove(1);
        assert_eq!(state(&silent, &[]), State::Unknown);
    }

    #[test]
    fn dead_letters_and_missed_rounds_are_a_warning_and_a_round_to_come_is_none() {
        let mut dead = signs(10);
        dead.queues.as_mut().unwrap().queues[0].dead = 3;
        assert_eq!(state(&dead, &[]), State::Degraded);
        let name = Check::GatherStatistics.name();
        for (hours, expected) in [(71, State::Operational), (73, State::Degraded)] {
            let mut missed = signs(10);
            for run in missed.checks.iter_mut().filter(|run| run.check == name) {
                run.at -= SignedDuration::from_hours(hours);
            }
            assert_eq!(state(&missed, &[]), expected, "{hours}");
        }
        let mut to_come = signs(10);
        to_come.checks.retain(|run| run.check != name);
        assert_eq!(state(&to_come, &[]), State::Operational);
    }

    #[test]
    fn a_paused_queue_and_its_worker_do_not_fail() {
        let by = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let mut signs = signs(10);
        signs.heartbeats[0].at = now() - SignedDuration::from_hours(5);
        let pauses = [Pause::begun("tasks", by, now())];
        let found = components(&signs, &pauses, now());
        let states: Vec<_> = found.iter().filter(|one| one.state == State::Paused).collect();
        assert_eq!(
            states.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["aws-worker", "tasks"]
        );
        assert_eq!(whole(&found), State::Degraded);
    }
}
