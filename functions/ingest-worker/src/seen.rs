//! Signs of life: when an upload of a device was last accepted, noted once the upload is stored.
//!
//! At most one write a device in five minutes (see [`domain::fleet::SilentAfter::rest`]) and an execution environment, whatever the number
//! of uploads. A note that fails fails no upload: what was stored stays stored, the failure is an error in the log (and counted with all
//! others), and since nothing is remembered of it the next upload of the device tries anew. A crash before it is mended by the redelivery,
//! which notes what it finds done already.

use crate::failure::{Failure, guarded};
use crate::known::DeviceKey;
use crate::{App, Ended, Job};
use aws_dynamodb::OrgTable;
use domain::fleet::SilentAfter;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many notes are written at once.
const NOTES_AT_ONCE: usize = 16;

/// A message's sign of life.
pub struct Sign {
    place: usize,
    device: DeviceKey,
    /// Milliseconds since the epoch.
    accepted: i64,
    table: OrgTable,
}

impl Sign {
    /// What a message tells, should it be stored.
    pub fn of(job: &Job<'_>) -> Self {
        Self {
            place: job.place,
            device: job.device(),
            accepted: i64::try_from(job.message.task.accepted_ms()).unwrap_or(i64::MAX),
            table: job.table.clone(),
        }
    }
}

/// Notes the latest sign of each device whose uploads are stored.
pub async fn note(app: &App, signs: Vec<Sign>, ended: &[Ended]) {
    let is_stored = |sign: &Sign| {
        ended
            .iter()
            .any(|(place, result)| *place == sign.place && result.is_ok())
    };
    let mut latest: BTreeMap<DeviceKey, Sign> = BTreeMap::new();
    for sign in signs.into_iter().filter(is_stored) {
        let known = latest.get(&sign.device).map_or(i64::MIN, |known| known.accepted);
        if sign.accepted > known {
            latest.insert(sign.device, sign);
        }
    }
    let due = latest.into_values();
    let due = due.filter(|sign| !app.known.seen.covers(&sign.device, sign.accepted));
    let notes = stream::iter(due).map(async |sign| {
        if let Err(failure) = guarded(note_one(app, &sign)).await {
            tracing::error!(device = %sign.device.2, ?failure, "a sign of life was not noted");
        }
    });
    notes.buffer_unordered(NOTES_AT_ONCE).collect::<()>().await;
}

async fn note_one(app: &App, sign: &Sign) -> Result<(), Failure> {
    let accepted = Timestamp::from_millisecond(sign.accepted).map_err(Failure::broken)?;
    let watch = sign.table.device_seen(sign.device.2, accepted).await?;
    // A device that is gone is not asked after at once again.
    let rest = || accepted.checked_add(SilentAfter::default().rest()).ok();
    let until = watch.map_or_else(rest, |watch| watch.rests_until());
    if let Some(until) = until {
        app.known.seen.remember(sign.device, until.as_millisecond());
    }
    Ok(())
}
