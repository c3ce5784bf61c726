//! Devices of a project.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod sessions;
pub mod update;

use aws_dynamodb::OrgTable;
use domain::fleet::{Device, DeviceStatus, SilentAfter, Watch};
use domain::text::Name;
use domain::{DeviceId, ProjectId};
use http_api::Problem;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// A device as members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceView {
    id: DeviceId,
    project: ProjectId,
    name: Name,
    /// The 32-bit number burnt into the device; its reports carry it.
    hardware_id: u32,
    /// Whether anybody expects to hear of it.
    enabled: bool,
    /// After how many seconds without an upload it counts as failed.
    silent_after: SilentAfter,
    /// How it fares now.
    status: DeviceStatus,
    created_at: Timestamp,
}

impl DeviceView {
    /// A device as it is at that time.
    fn at(now: Timestamp, device: Device, watch: &Watch) -> Self {
        Self {
            id: device.id,
            project: device.project,
            name: device.name,
            hardware_id: device.hardware_id,
            enabled: device.enabled,
            silent_after: device.silent_after,
            status: watch.status(now),
            created_at: device.created_at,
        }
    }
}

/// A device that must be there, in that project, with its watch.
pub async fn existing(table: &OrgTable, project: ProjectId, id: DeviceId) -> Result<(Device, Watch), Problem> {
    let found = table.watched_device(id).await?;
    let found = found.filter(|(device, _)| device.project == project);
    found.ok_or_else(|| Problem::not_found("device in this project"))
}

/// What the journal tells of a device.
fn settings(device: &Device) -> Value {
    json!({
        "name": device.name, "hardware_id": device.hardware_id, "project": device.project,
        "enabled": device.enabled, "silent_after": device.silent_after,
    })
}

fn switched_on() -> bool {
    true
}
