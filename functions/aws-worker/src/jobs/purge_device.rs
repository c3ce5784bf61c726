//! `device.purge`: deletes what a deleted device has left: bodies of events in the storage bucket, and in its organisation's table streams,
//! blocks, events, streamers.
//!
//! Idempotency: each step deletes what is there and finds nothing the second time; the journal's entry `device.purged` commits with the
//! task's end, so there is one however often the steps are repeated. A device's id is never given out again; one that a restore has brought
//! back is left alone. (A restore brings back rows and no objects: bodies that were purged before it stay away. Files of older blocks stay until no
//! restore can bring a block back that refers to them: `compact_readings/look.rs`.) Retry: what is throttled waits, and is gone on with. An organisation that is being restored makes the task wait; one
//! that is being deleted or is gone has nothing left to purge.

use super::{Effect, Step, Wait, organization};
use crate::App;
use aws_dynamodb::Change;
use domain::event::bodies;
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::task::{Progress, Task};
use domain::{DeviceId, Grant, ServiceError};
use serde_json::json;
use std::time::Duration;

/// There is more to delete.
const GO_ON: Duration = Duration::ZERO;
/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);
/// A partition takes 1,000 writes a second; what came before counts.
const THROTTLED: Duration = Duration::from_secs(5);
/// How many items one step deletes: 80 batches take some seconds, which the worker's time-out of a minute bears.
const ITEMS_A_STEP: usize = 2_000;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Some(device) = device(task) else {
        return Ok(Step::Fail("the task does not name a device".to_owned()));
    };
    let org = organization(app, task).await?;
    if matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted) {
        return Ok(Step::Done(Effect::default()));
    }
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table);
    let Ok(table) = app.tables.open(&grant) else {
        return Ok(Step::wait(LATER));
    };
    if table.device(device).await?.is_some() {
        return Ok(Step::Done(Effect::default()));
    }
    if !app.storage.delete_some(&bodies(org.id, device)).await? {
        return Ok(Step::wait(GO_ON));
    }
    let before = task.state.as_ref().and_then(serde_json::Value::as_u64).unwrap_or(0);
    let purged = match table.purge_device(device, ITEMS_A_STEP).await {
        Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok(Step::wait(THROTTLED)),
        purged => purged?,
    };
    let deleted = before + purged.items;
    if !purged.complete {
        return Ok(Step::Wait(Wait {
            delay: GO_ON,
            state: Some(json!(deleted)),
            progress: Some(Progress::new(50, format!("{deleted} items deleted"))),
        }));
    }
    let event = Event {
        action: "device.purged",
        resource: device.to_string(),
        before: None,
        after: Some(json!({ "task": task.id })),
    };
    Ok(Step::Done(Effect {
        change: Change::told(event),
        table: Some(table),
        result: None,
    }))
}

fn device(task: &Task) -> Option<DeviceId> {
    task.input["device"].as_str()?.parse().ok()
}
