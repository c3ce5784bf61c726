//! Streamers: what is known of a device's reporting, carried from one report to the next.

use super::OrgTable;
use super::outcomes::UploadOutcome;
use crate::keys;
use crate::transaction::{Change, Guard, Refused};
use domain::reports::{IdIntervals, PreviousClock};
use domain::{DeviceId, ServiceError};
use serde::{Deserialize, Serialize};

/// One streamer of a device.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Streamer {
    /// The ids of the readings already stored.
    pub stored: IdIntervals,
    /// The clock of its latest report.
    pub clock: Option<PreviousClock>,
    /// Counts its reports, from 1.
    pub version: u64,
}

impl OrgTable {
    /// What is known of a streamer; nothing yet is version 0.
    pub async fn streamer(&self, device: DeviceId, index: u16) -> Result<Streamer, ServiceError> {
        Ok(self
            .table
            .get(&keys::streamer(device, index))
            .await?
            .unwrap_or_default())
    }

    /// Records that a report is in: the streamer's new state and the upload's outcome, at once. The blocks are written before; a crash
    /// in between is mended by the redelivered message, which writes the same blocks again. `Refused::Write(_)`: it was in already.
    pub async fn report_is_in(
        &self,
        device: DeviceId,
        index: u16,
        streamer: &Streamer,
        outcome: &UploadOutcome,
    ) -> Result<(), Refused> {
        let guard = if streamer.version == 1 {
            Guard::Absent
        } else {
            Guard::Version(streamer.version - 1)
        };
        let key = keys::outcome_batch(outcome.task.accepted_ms(), outcome.task.ulid());
        let batch = super::outcomes::Batch::of(std::slice::from_ref(outcome));
        let change = Change::silent()
            .put(&self.table, &keys::streamer(device, index), streamer, guard)?
            .put(&self.table, &key, &batch, Guard::Absent)?;
        change.send(&self.table).await
    }
}
