//! Devices of a project.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use aws_dynamodb::OrgTable;
use domain::fleet::Device;
use domain::text::Name;
use domain::{DeviceId, ProjectId};
use http_api::Problem;
use jiff::Timestamp;
use serde::Serialize;

/// A device as members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceView {
    id: DeviceId,
    project: ProjectId,
    name: Name,
    /// The 32-bit number burnt into the device; its reports carry it.
    hardware_id: u32,
    created_at: Timestamp,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        let Device {
            id,
            project,
            name,
            hardware_id,
            created_at,
            ..
        } = device;
        Self {
            id,
            project,
            name,
            hardware_id,
            created_at,
        }
    }
}

/// A device that must be there, in that project.
pub async fn existing(table: &OrgTable, project: ProjectId, id: DeviceId) -> Result<Device, Problem> {
    let device = table.device(id).await?.filter(|device| device.project == project);
    device.ok_or_else(|| Problem::not_found("device in this project"))
}
