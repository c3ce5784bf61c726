//! `system.compact_readings`: each day, has the readings of every organisation in use compacted (`compact_readings.rs`), each by a task of its own.
//!
//! Idempotency: it goes through the organisations in order of creation, and its state says how far; the task of an organisation has an id that
//! follows from this task, its run and the organisation, so a page that is gone through again accepts none twice. Retry: what is throttled
//! is tried again.

use super::{Effect, Step, state};
use crate::App;
use domain::organization::OrgStatus;
use domain::task::{Task, TaskKind};
use domain::{OrgId, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many organisations one step looks at.
const PAGE: usize = 100;

/// How far a round is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    /// The last organisation that was looked at.
    after: Option<OrgId>,
    /// How many tasks were accepted.
    accepted: u64,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut round: Round = state(task).unwrap_or_default();
    let (page, next) = app.directory.all_organizations(round.after, PAGE).await?;
    for org in page.iter().filter(|org| org.status == OrgStatus::Active) {
        let child = task.of_round(TaskKind::CompactReadings, org.id, app.source.now());
        app.directory.accept_task(&child).await?;
        app.queue.wake(&child).await;
        round.accepted += 1;
    }
    match next {
        Some(last) => {
            round.after = Some(last);
            Step::go_on(&round, format!("{} organisations found", round.accepted))
        }
        None => Ok(Step::Done(Effect {
            result: Some(json!({ "organizations": round.accepted })),
            ..Effect::default()
        })),
    }
}
