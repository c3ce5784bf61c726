//! Events of devices: what a report tells beside readings.

use super::OrgTable;
use crate::keys;
use crate::table::to_item;
use domain::{DeviceId, ServiceError};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// The stream it belongs to: four hexadecimal digits.
    pub stream: String,
    /// When, nanoseconds since the epoch.
    pub time: i64,
    /// The id the device gave it; 0 for none.
    pub id: u32,
    /// Its place in its report: two events can share time and id.
    pub place: u32,
    /// Its summary and its data, as JSON.
    pub content: String,
}

impl OrgTable {
    /// Writes events of one upload. Their keys follow from upload, time and place: writing them again changes nothing.
    pub async fn put_events(&self, device: DeviceId, upload: Ulid, events: &[EventRow]) -> Result<(), ServiceError> {
        let items = events
            .iter()
            .map(|event| to_item(&keys::event(device, event.time, upload, event.place), event));
        self.table.put_many(items.collect::<Result<_, _>>()?).await
    }
}
