//! Devices: the device itself, its place in a project, and its claim on a hardware id.

use super::OrgTable;
use crate::keys;
use crate::table::{Range, Slice, Walk, from_item};
use crate::transaction::{Change, Guard, Refused};
use domain::fleet::Device;
use domain::{DeviceId, ProjectId, ServiceError};
use serde::{Deserialize, Serialize};

/// A pointer to a device.
#[derive(Serialize, Deserialize)]
struct Pointer {
    device: DeviceId,
}

impl OrgTable {
    /// Stores a new device. `Refused::Write(0)`: its hardware id is taken; `Refused::Write(1)`: there is no such project.
    pub async fn register_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let pointer = Pointer { device: device.id };
        let change = change
            .put(
                &self.table,
                &keys::hardware(device.hardware_id),
                &pointer,
                Guard::Absent,
            )?
            .count(&self.table, &keys::project(device.project), 1)?
            .put(
                &self.table,
                &keys::device_in_project(device.project, device.id),
                &pointer,
                Guard::None,
            )?
            .put(&self.table, &keys::device(device.id), device, Guard::Absent)?;
        self.commit(change).await
    }

    /// A device.
    pub async fn device(&self, id: DeviceId) -> Result<Option<Device>, ServiceError> {
        self.table.get(&keys::device(id)).await
    }

    /// Whose a hardware id is.
    pub async fn device_with_hardware(&self, hardware_id: u32) -> Result<Option<DeviceId>, ServiceError> {
        let pointer: Option<Pointer> = self.table.get(&keys::hardware(hardware_id)).await?;
        Ok(pointer.map(|pointer| pointer.device))
    }

    /// The devices of a project in order of creation, a page of them after `after`.
    pub async fn devices(
        &self,
        project: ProjectId,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Result<(Vec<Device>, Option<DeviceId>), ServiceError> {
        let after = after.map(|id| id.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::project_devices(project);
        let Slice { items, next } = self.table.query::<Pointer>(&pk, Range::All, walk).await?;
        let wanted: Vec<_> = items.iter().map(|pointer| keys::device(pointer.device)).collect();
        let found = self.table.get_many(&wanted).await?;
        let mut devices = found
            .into_iter()
            .map(from_item::<Device>)
            .collect::<Result<Vec<_>, _>>()?;
        devices.sort_by_key(|device| device.id);
        let next = next.and_then(|_| items.last().map(|pointer| pointer.device));
        Ok((devices, next))
    }

    /// Stores a device's new state over the version before. `Refused::Write(0)`: it has another version by now.
    pub async fn update_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let guard = Guard::Version(device.version - 1);
        self.commit(change.put(&self.table, &keys::device(device.id), device, guard)?)
            .await
    }

    /// Deletes a device of that version and frees its hardware id. `Refused::Write(0)`: it has another version by now.
    pub async fn delete_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let change = change
            .delete(&self.table, &keys::device(device.id), Guard::Version(device.version))?
            .delete(&self.table, &keys::hardware(device.hardware_id), Guard::None)?
            .delete(
                &self.table,
                &keys::device_in_project(device.project, device.id),
                Guard::None,
            )?
            .count(&self.table, &keys::project(device.project), -1)?;
        self.commit(change).await
    }
}
