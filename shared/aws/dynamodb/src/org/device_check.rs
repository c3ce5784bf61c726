//! The check of devices: what each row of the watches says now, against what the check before found.
//!
//! A change that people are told of stays in the row as its `notice` until it is acknowledged: whoever stops between writing and telling
//! finds it again. Cost: a read of some hundred bytes a device, a write unit for a change found and one for its acknowledgement.

use super::OrgTable;
use super::check::{CheckPlace, all, send, side_by_side, values};
use super::watch::{Notice, Row, attribute, milliseconds};
use crate::keys;
use domain::fleet::DeviceState;
use domain::text::Name;
use domain::{DeviceId, ProjectId, ServiceError};
use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A device's state has changed, and nobody is known to have been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceChange {
    /// The device.
    pub device: DeviceId,
    /// Its project.
    pub project: ProjectId,
    /// Its name.
    pub name: Name,
    /// What the check before found.
    pub from: DeviceState,
    /// What it is now.
    pub to: DeviceState,
    /// Since when. With the device and `to` it tells this change from every other.
    pub since: Timestamp,
}

/// A page of a check of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCheckPage {
    /// Changes to tell people of, those included that an earlier check found and nobody acknowledged.
    pub changes: Vec<DeviceChange>,
    /// How many devices were looked at.
    pub looked_at: usize,
    /// Where the next page begins; `None` after the last.
    pub next: Option<CheckPlace>,
}

impl OrgTable {
    /// Looks at a page of the organisation's devices and writes what it finds where it differs from what was found before, provided that
    /// all it judged by is still so: of two checks at one time, or a check and an upload, one wins, and the other leaves things as they are.
    pub async fn check_devices(
        &self,
        now: Timestamp,
        from: Option<CheckPlace>,
    ) -> Result<DeviceCheckPage, ServiceError> {
        let (rows, next) = self.check_page::<Row>(&keys::watch_partitions(), from).await?;
        let looked_at = rows.len();
        let found = side_by_side(rows, |row| self.found(row, now));
        let found: Vec<_> = found.try_filter_map(async |found| Ok(found)).try_collect().await?;
        let devices = self.devices_of(found.iter().map(|(device, _)| *device)).await?;
        let change = |(id, notice): (DeviceId, Notice)| {
            let device = devices.get(&id)?;
            Some(DeviceChange {
                device: id,
                project: device.project,
                name: device.name.clone(),
                from: notice.from,
                to: notice.to,
                since: notice.since,
            })
        };
        Ok(DeviceCheckPage {
            changes: found.into_iter().filter_map(change).collect(),
            looked_at,
            next,
        })
    }

    /// What there is to tell of a device, once it is written. A change takes the place of one that nobody was told of.
    async fn found(&self, row: Row, now: Timestamp) -> Result<Option<(DeviceId, Notice)>, ServiceError> {
        let Row {
            device, watch, found, ..
        } = row;
        let status = watch.status(now);
        if status.state == found {
            return Ok(row.notice.map(|notice| (device, notice)));
        }
        let notice = found.is_news(status.state).then_some(Notice {
            from: found,
            to: status.state,
            since: status.since,
        });
        let written = self.write_found(&row, status.state, notice).await?;
        Ok(notice.filter(|_| written).map(|notice| (device, notice)))
    }

    /// Writes what a check found; whether all it was judged by was still so.
    async fn write_found(&self, row: &Row, state: DeviceState, notice: Option<Notice>) -> Result<bool, ServiceError> {
        let Row { watch, found, .. } = row;
        let mut names = vec!["found", "notice", "enabled", "silent_after", "seen"];
        let mut set = "SET #found = :found, #notice = :notice".to_owned();
        if state == DeviceState::Failed {
            names.push("resumed");
            set += " REMOVE #resumed";
        }
        let mut held = vec![
            (":found", attribute(state)?),
            (":notice", attribute(notice)?),
            (":was", attribute(found)?),
            (":enabled", attribute(watch.enabled)?),
            (":silent_after", attribute(watch.silent_after)?),
        ];
        let seen = match watch.seen {
            Some(seen) => {
                held.push((":seen", milliseconds(seen)));
                "#seen = :seen"
            }
            None => "attribute_not_exists(#seen)",
        };
        let update = self
            .update_item(&keys::watch(row.device), &names)
            .update_expression(set)
            .condition_expression(format!(
                "#found = :was AND #enabled = :enabled AND #silent_after = :silent_after AND {seen}"
            ))
            .set_expression_attribute_values(values(held));
        send(update).await
    }

    /// Notes that people were told of these changes. One that a newer change has taken the place of stays as it is.
    pub async fn acknowledge(&self, changes: &[DeviceChange]) -> Result<(), ServiceError> {
        all(changes.iter().collect(), async |change: &DeviceChange| {
            let notice = Notice {
                from: change.from,
                to: change.to,
                since: change.since,
            };
            let update = self
                .update_item(&keys::watch(change.device), &["notice"])
                .update_expression("REMOVE #notice")
                .condition_expression("#notice = :notice")
                .set_expression_attribute_values(values([(":notice", attribute(notice)?)]));
            send(update).await
        })
        .await
    }
}
