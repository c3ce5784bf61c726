//! Devices: the device itself, its place in a project, its claim on a hardware id, and its watch.

use super::OrgTable;
use super::watch::Row;
use crate::cell;
use crate::keys;
use crate::table::{Range, Slice, Walk, from_item};
use crate::transaction::{Change, Guard, Refused};
use domain::fleet::{Device, SELF_REGISTERED, Watch};
use domain::{DeviceId, ProjectId, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A pointer to a device.
#[derive(Serialize, Deserialize)]
struct Pointer {
    device: DeviceId,
}

impl OrgTable {
    /// Stores a new device. `Refused::Write(0)`: its hardware id is taken; `Refused::Write(1)`: there is no such project.
    pub async fn register_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let project = keys::project(device.project);
        let change = self.claim_hardware(change, device)?.count(&self.table, &project, 1)?;
        self.commit(self.with_device(change, device)?).await
    }

    /// Stores a device that registers itself. `Refused::Write(0)`: its hardware id is taken; `Refused::Write(1)`: there is no such project, it lets
    /// no device register itself, or it is full.
    pub async fn self_register_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let project = keys::project(device.project);
        let change = self.claim_hardware(change, device)?;
        let change = change.count_in(&self.table, &project, SELF_REGISTERED)?;
        self.commit(self.with_device(change, device)?).await
    }

    fn claim_hardware(&self, change: Change, device: &Device) -> Result<Change, ServiceError> {
        let pointer = Pointer { device: device.id };
        let key = keys::hardware(device.hardware_id);
        change.put(&self.table, &key, &pointer, Guard::Absent)
    }

    fn with_device(&self, change: Change, device: &Device) -> Result<Change, ServiceError> {
        let pointer = Pointer { device: device.id };
        change
            .put(
                &self.table,
                &keys::device_in_project(device.project, device.id),
                &pointer,
                Guard::None,
            )?
            .put(&self.table, &keys::device(device.id), device, Guard::Absent)?
            .put(
                &self.table,
                &keys::watch(device.id),
                &Row::new(device, Watch::of(device)),
                Guard::None,
            )
    }

    /// A device with its watch.
    pub async fn watched_device(&self, id: DeviceId) -> Result<Option<(Device, Watch)>, ServiceError> {
        Ok(self.watched_devices(&[id]).await?.pop())
    }

    /// Those of these devices that there are, each with its watch, in order of creation.
    async fn watched_devices(&self, ids: &[DeviceId]) -> Result<Vec<(Device, Watch)>, ServiceError> {
        let wanted: Vec<_> = ids
            .iter()
            .flat_map(|id| [keys::device(*id), keys::watch(*id)])
            .collect();
        let found = self.table.get_many(&wanted).await?;
        let (devices, watches): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|item| cell::text(item, "sk") == Some(keys::META));
        let watches: HashMap<_, _> = watches
            .into_iter()
            .map(|item| from_item::<Row>(item).map(|row| (row.device, row.watch)))
            .collect::<Result<_, _>>()?;
        let with_watch = |item| {
            let device: Device = from_item(item)?;
            let watch = watches.get(&device.id).copied();
            let watch = watch.unwrap_or_else(|| Watch::of(&device));
            Ok((device, watch))
        };
        let mut devices: Vec<_> = devices
            .into_iter()
            .map(with_watch)
            .collect::<Result<_, ServiceError>>()?;
        devices.sort_by_key(|(device, _)| device.id);
        Ok(devices)
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

    /// The devices of a project with their watches, in order of creation, a page of them after `after`.
    pub async fn devices(
        &self,
        project: ProjectId,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Result<(Vec<(Device, Watch)>, Option<DeviceId>), ServiceError> {
        let after = after.map(|id| id.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::project_devices(project);
        let Slice { items, next } = self.table.query::<Pointer>(&pk, Range::All, walk).await?;
        let ids: Vec<_> = items.iter().map(|pointer| pointer.device).collect();
        let devices = self.watched_devices(&ids).await?;
        let next = next.and_then(|_| items.last().map(|pointer| pointer.device));
        Ok((devices, next))
    }

    /// The ids of a project's devices, in order of creation, at most `limit`.
    pub async fn device_ids(&self, project: ProjectId, limit: usize) -> Result<Vec<DeviceId>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit,
        };
        let pk = keys::project_devices(project);
        let Slice { items, .. } = self.table.query::<Pointer>(&pk, Range::All, walk).await?;
        Ok(items.iter().map(|pointer| pointer.device).collect())
    }

    /// Stores a device's new state over the version before, and its watch where that changes too. `Refused::Write(0)`: the device has
    /// another version by now.
    pub async fn update_device(&self, change: Change, device: &Device, watch: Option<&Watch>) -> Result<(), Refused> {
        let guard = Guard::Version(device.version - 1);
        let change = change.put(&self.table, &keys::device(device.id), device, guard)?;
        let change = match watch {
            Some(watch) => change.set_watch(self, device, watch)?,
            None => change,
        };
        self.commit(change).await
    }

    /// Deletes a device of that version and frees its hardware id. `Refused::Write(0)`: it has another version by now.
    pub async fn delete_device(&self, change: Change, device: &Device) -> Result<(), Refused> {
        let change = change
            .delete(&self.table, &keys::device(device.id), Guard::Version(device.version))?
            .delete(&self.table, &keys::hardware(device.hardware_id), Guard::None)?
            .delete(&self.table, &keys::watch(device.id), Guard::None)?
            .delete(
                &self.table,
                &keys::device_in_project(device.project, device.id),
                Guard::None,
            )?
            .count(&self.table, &keys::project(device.project), -1)?;
        self.commit(change).await
    }
}
