//! Writing a reading to another stream of the device, by the road that every reading takes.

use super::NotDone;
use crate::App;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blocks::{Reading, Status};
use domain::filter::{Act, MAX_DEPTH};
use domain::id::Id;
use domain::packed::PackedReadings;
use domain::reading::VariableName;
use domain::task::{SignedTaskId, Task, UploadBody, UploadContent, UploadMessage};
use domain::{OrgId, ServiceError};
use std::time::Duration;

pub(super) async fn run(
    app: &App,
    task: &Task,
    (org, act): (OrgId, &Act),
    (variable, value): (&VariableName, Option<f64>),
) -> Result<(), NotDone> {
    if act.depth >= MAX_DEPTH {
        let why = format!("a reading that has come through {MAX_DEPTH} filters derives no other");
        return Err(NotDone::Refused(why));
    }
    let reading = Reading {
        time: act.fired.time,
        value: value.unwrap_or(act.fired.value),
        status: Status::Clean,
        id: Some(number(act)),
    };
    let broken = |why: String| ServiceError::Failed(why);
    let packed =
        PackedReadings::pack([(variable.clone(), vec![reading])].into()).map_err(|error| broken(error.to_string()))?;
    let bytes = packed.to_bytes().map_err(|error| broken(error.to_string()))?;
    let message = UploadMessage {
        task: SignedTaskId::unsigned(task.id.ulid()),
        org,
        device: act.device,
        count: 1,
        content: UploadContent::Readings,
        body: UploadBody::Inline(STANDARD.encode(bytes)),
        derived: act.depth + 1,
    };
    Ok(app.readings.send(&message, Duration::ZERO).await?)
}

/// The reading's id, which tells it from what other transitions derive at one time: the number of the transition, and which of its actions it is.
fn number(act: &Act) -> u32 {
    let number = act.fired.number.wrapping_mul(8).wrapping_add(u64::from(act.place));
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default()
}
