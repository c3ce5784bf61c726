//! GET /v1/status: how the system fares, as the scheduled checks last saw it. Three reads, whoever asks and how often.

use crate::App;
use aws_dynamodb::{Heartbeat, Pause, QueueReport, QueuesSeen};
use axum::extract::State;
use domain::queue::QueueState;
use http_api::{Json, Problem, Refusals};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The schedule fires every minute: three missed beats are no accident.
const LATE: SignedDuration = SignedDuration::from_secs(200);

/// How something fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should.
    Ok,
    /// It works, and something needs a look: messages were given up.
    Degraded,
    /// No sign of life in time.
    Failing,
    /// No check has run yet: the system has just been deployed.
    Unknown,
}

/// How the system fares.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StatusView {
    status: Health,
    /// The worker's sign of life.
    worker: WorkerView,
    /// The queues, as the health check last saw them.
    queues: Vec<QueueView>,
    /// When that was.
    queues_seen_at: Option<Timestamp>,
}

/// The worker's sign of life.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WorkerView {
    status: Health,
    /// When the worker last wrote a heartbeat that had come over its queue.
    last_heartbeat_at: Option<Timestamp>,
    /// How long ago that was.
    age_seconds: Option<i64>,
}

/// One queue.
#[derive(Serialize, utoipa::ToSchema)]
pub struct QueueView {
    name: String,
    /// Whether it is worked on: those who run the deployment can pause it, and nothing is lost meanwhile.
    state: QueueState,
    /// Messages that wait, about.
    waiting: u64,
    /// Messages that a worker has, about.
    in_flight: u64,
    /// Messages that were given up, about.
    dead_letters: u64,
}

/// Get how the system fares.
#[utoipa::path(
    get, path = "/v1/status", operation_id = "getStatus", tag = "status",
    responses((status = 200, body = StatusView), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>) -> Result<Json<StatusView>, Problem> {
    let heartbeat = app.directory.heartbeat().await?;
    let seen = app.directory.queues_seen().await?;
    let pauses = app.directory.pauses().await?;
    Ok(Json(view(heartbeat, seen, &pauses, app.source.now())))
}

fn view(heartbeat: Option<Heartbeat>, seen: Option<QueuesSeen>, pauses: &[Pause], now: Timestamp) -> StatusView {
    let age = heartbeat.as_ref().map(|beat| now.duration_since(beat.at));
    let worker = WorkerView {
        status: alive(age),
        last_heartbeat_at: heartbeat.map(|beat| beat.at),
        age_seconds: age.map(|age| age.as_secs()),
    };
    let queues_seen_at = seen.as_ref().map(|seen| seen.at);
    let watched = alive(queues_seen_at.map(|at| now.duration_since(at)));
    let queues: Vec<_> = seen
        .into_iter()
        .flat_map(|seen| seen.queues)
        .map(|report| QueueView::of(report, pauses))
        .collect();
    let status = match (
        worker.status,
        watched,
        queues.iter().any(|queue| queue.dead_letters > 0),
    ) {
        (Health::Ok, Health::Ok, false) => Health::Ok,
        (Health::Ok, Health::Ok, true) => Health::Degraded,
        (Health::Failing, ..) | (_, Health::Failing, _) => Health::Failing,
        _ => Health::Unknown,
    };
    StatusView {
        status,
        worker,
        queues,
        queues_seen_at,
    }
}

/// What a sign of life of that age tells.
fn alive(age: Option<SignedDuration>) -> Health {
    match age {
        None => Health::Unknown,
        Some(age) if age < LATE => Health::Ok,
        Some(_) => Health::Failing,
    }
}

impl QueueView {
    fn of(report: QueueReport, pauses: &[Pause]) -> Self {
        let pause = pauses.iter().find(|pause| pause.queue == report.name);
        let QueueReport {
            name,
            waiting,
            in_flight,
            dead,
        } = report;
        Self {
            state: Pause::state(pause),
            name,
            waiting,
            in_flight,
            dead_letters: dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_failure_and_dead_letters_are_a_warning() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ago = |seconds| now - SignedDuration::from_secs(seconds);
        let beat = |seconds| {
            Some(Heartbeat {
                sent_at: ago(seconds),
                at: ago(seconds),
            })
        };
        let seen = |dead| {
            let report = QueueReport {
                name: "tasks".into(),
                waiting: 0,
                in_flight: 0,
                dead,
            };
            Some(QueuesSeen {
                at: now,
                queues: vec![report],
            })
        };
        assert_eq!(view(None, None, &[], now).status, Health::Unknown);
        assert_eq!(view(beat(10), None, &[], now).status, Health::Unknown);
        assert_eq!(view(beat(300), seen(0), &[], now).status, Health::Failing);
        assert_eq!(view(beat(10), seen(3), &[], now).status, Health::Degraded);
        assert_eq!(view(beat(10), seen(0), &[], now).status, Health::Ok);
        let by = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let pauses = [Pause::begun("tasks", by, now), Pause::begun("reports", by, now)];
        let paused = view(beat(10), seen(0), &pauses, now);
        assert_eq!(paused.queues[0].state, QueueState::Draining);
        assert_eq!(
            view(beat(10), seen(0), &pauses[1..], now).queues[0].state,
            QueueState::Running
        );
    }
}
