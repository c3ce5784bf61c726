//! GET /v1/status: how the system fares, as the scheduled checks last saw it. Two queries of some rows, whoever asks and how often.

use crate::App;
use crate::components::{Component, State as ComponentState, components, whole};
use crate::health_json::{HealthView, MEDIA_TYPE, Verdict, is_asked_for};
use aws_dynamodb::{Pause, QueueReport, Signs};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::queue::QueueState;
use http_api::{Json, Problem, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// The worker whose sign of life stands by itself.
const WORKER: &str = "aws-worker";
/// Monitors may ask every second: nothing changes as fast.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=5");

/// How something fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should.
    Ok,
    /// It works, and something needs a look: messages were given up, a queue is paused, or a round was missed.
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
    /// Each part of the system, with when it was last seen.
    components: Vec<Component>,
    /// The AWS worker's sign of life.
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

/// Get how the system fares, part by part. Whoever names `application/health+json` in `Accept` gets it in that form
/// (draft-inadarei-api-health-check-06), with 503 when the system fails, as the draft wants it; anybody else gets 200, whatever it says.
#[utoipa::path(
    get, path = "/v1/status", operation_id = "getStatus", tag = "status",
    responses(
        (status = 200, content((StatusView = "application/json"), (HealthView = "application/health+json"))),
        (status = 503, description = "The system fails; only in the form of health+json", body = HealthView, content_type = "application/health+json"),
        Refusals,
    ),
    security(()),
)]
pub async fn handler(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let signs = app.directory.signs().await?;
    let pauses = app.directory.pauses().await?;
    let components = components(&signs, &pauses, app.source.now());
    let mut accept = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut response = match accept.any(is_asked_for) {
        true => health(&components),
        false => Json(view(components, signs, &pauses)).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHED);
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn health(components: &[Component]) -> Response {
    let view = HealthView::of(components);
    let status = match view.status {
        Verdict::Pass | Verdict::Warn => StatusCode::OK,
        Verdict::Fail => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], Json(view)).into_response()
}

fn view(components: Vec<Component>, signs: Signs, pauses: &[Pause]) -> StatusView {
    let worker = components.iter().find(|component| component.name == WORKER);
    let queues_seen_at = signs.queues.as_ref().map(|seen| seen.at);
    let queues = signs.queues.into_iter().flat_map(|seen| seen.queues);
    StatusView {
        status: whole(&components).into(),
        worker: WorkerView {
            status: worker.map_or(Health::Unknown, |worker| worker.state.into()),
            last_heartbeat_at: worker.and_then(|worker| worker.last_seen),
            age_seconds: worker.and_then(|worker| worker.age_seconds),
        },
        queues: queues.map(|report| QueueView::of(report, pauses)).collect(),
        queues_seen_at,
        components,
    }
}

impl From<ComponentState> for Health {
    fn from(state: ComponentState) -> Self {
        match state {
            ComponentState::Operational => Self::Ok,
            ComponentState::Degraded | ComponentState::Paused => Self::Degraded,
            ComponentState::Failing => Self::Failing,
            ComponentState::Unknown => Self::Unknown,
        }
    }
}

impl QueueView {
    fn of(report: QueueReport, pauses: &[Pause]) -> Self {
        let pause = pauses.iter().find(|pause| pause.queue == report.name);
        Self {
            state: Pause::state(pause),
            name: report.name,
            waiting: report.waiting,
            in_flight: report.in_flight,
            dead_letters: report.dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::tests::{now, signs};

    #[test]
    fn what_clients_rely_on_is_still_there() {
        let by = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let pauses = [Pause::begun("reports", by, now())];
        let components = components(&signs(10), &pauses, now());
        let view = view(components, signs(10), &pauses);
        assert_eq!((view.status, view.worker.status), (Health::Degraded, Health::Ok));
        assert_eq!(view.worker.age_seconds, Some(10));
        let states: Vec<_> = view.queues.iter().map(|queue| queue.state).collect();
        assert_eq!(states, [QueueState::Running, QueueState::Running, QueueState::Draining]);
    }

    #[test]
    fn a_monitor_is_told_of_failure_by_the_code_as_well() {
        let answer = |age| health(&components(&signs(age), &[], now()));
        assert_eq!(answer(10).status(), StatusCode::OK);
        assert_eq!(answer(100_000).status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer(10).headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }
}
