//! `readings.delete`: takes the readings of a deleted range out of the blocks that they lie in.
//!
//! The deletion is laid down with the stream's settings in the transaction that accepts the task: from then on nobody is shown the readings,
//! and neither ingest nor compaction writes them any more. What began before that, and knows nothing of it, ends within the workers'
//! time-out of a minute; so this waits for two, and then finds whatever they have written.
//!
//! Idempotency: first it counts, and changes nothing; then it writes blocks without the readings and lets the ones before go
//! (`OrgTable::replace_blocks`), new first, which finds nothing the second time. The journal's entry, and that the deletion is done, commit
//! with the task's end. A deletion is remembered for 90 days after that, so that an upload from before it which comes so late brings nothing
//! back; one whose task has failed is remembered until it is done. Retry: what is throttled waits, and is gone on with. An organisation
//! that is being restored makes the task wait; one that has been restored to before the deletion has none to carry out. Called off before
//! it begins, it shows the readings again.

mod walk;

use super::{Effect, Step, organization};
use crate::App;
use aws_dynamodb::{Change, OrgTable};
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::reading::VariableName;
use domain::stream::{Deletion, StreamSettings};
use domain::task::Task;
use domain::{DeviceId, Grant, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use walk::{Job, Walk};

/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);
/// Longer than whoever knows nothing of the deletion yet goes on writing.
const KNOWN_TO_ALL: SignedDuration = SignedDuration::from_mins(2);

/// What the task's input says.
#[derive(Deserialize)]
struct Input {
    device: DeviceId,
    variable: VariableName,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(Input { device, variable }) = serde_json::from_value(task.input.clone()) else {
        return Ok(Step::Fail("the task does not name a stream".to_owned()));
    };
    let org = organization(app, task).await?;
    if matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted) {
        return Ok(Step::Done(Effect::default()));
    }
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table);
    let Ok(table) = app.tables.open(&grant) else {
        return Ok(Step::wait(LATER));
    };
    let (settings, stream) = (
        table.stream_settings(device, &variable).await?,
        table.stream(device, &variable).await?,
    );
    let (Some(settings), Some(stream)) = (settings, stream) else {
        // The device was deleted, and all that it had.
        return Ok(Step::Done(Effect::default()));
    };
    let Some(deletion) = settings.deletion(task.id) else {
        let why =
            "the deletion is not laid down any more: it was called off, or the organisation was restored to before it";
        return Ok(Step::Refuse(why.to_owned()));
    };
    let left = known_to_all(deletion).duration_since(app.source.now());
    if left > SignedDuration::ZERO {
        return Ok(Step::wait(Duration::try_from(left).unwrap_or(LATER)));
    }
    let job = Job::of((&table, device), &stream, (&settings, deletion));
    match job.go_on(app, task).await? {
        (walk, None) => done(app, task, (table, device), (&settings, walk)),
        (walk, Some(delay)) => Ok(walk.wait(delay)),
    }
}

/// What calling the task off brings about: the readings are shown again.
pub(super) async fn called_off(app: &App, task: &Task) -> Result<Effect, ServiceError> {
    let org = organization(app, task).await?;
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table);
    let (Ok(table), Ok(input)) = (
        app.tables.open(&grant),
        serde_json::from_value::<Input>(task.input.clone()),
    ) else {
        return Ok(Effect::default());
    };
    let settings = table.stream_settings(input.device, &input.variable).await?;
    let Some(settings) = settings.filter(|settings| settings.deletion(task.id).is_some()) else {
        return Ok(Effect::default());
    };
    let event = Event {
        action: "readings.deletion_called_off",
        resource: format!("{}/{}", input.device, input.variable),
        before: None,
        after: Some(json!({ "task": task.id })),
    };
    Ok(Effect {
        change: table.with_stream_settings(Change::told(event), input.device, &settings.undeleted(task.id))?,
        table: Some(table),
        result: None,
    })
}

/// The end of the task, told by the journal.
fn done(
    app: &App,
    task: &Task,
    (table, device): (OrgTable, DeviceId),
    (settings, walk): (&StreamSettings, Walk),
) -> Result<Step, ServiceError> {
    let event = Event {
        action: "readings.deleted",
        resource: format!("{device}/{}", settings.variable),
        before: None,
        after: Some(json!({ "task": task.id, "count": walk.count })),
    };
    let settings = settings.deleted_by(task.id, app.source.now());
    Ok(Step::Done(Effect {
        change: table.with_stream_settings(Change::told(event), device, &settings)?,
        table: Some(table),
        result: Some(json!({ "count": walk.count })),
    }))
}

/// When whoever writes knows of the deletion.
fn known_to_all(deletion: &Deletion) -> Timestamp {
    let until = i64::try_from(deletion.until).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(until).map_or(Timestamp::MAX, |until| until + KNOWN_TO_ALL)
}
