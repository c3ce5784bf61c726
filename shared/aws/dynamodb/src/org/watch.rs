//! Watches: a small row a device, which tells when it was last heard of and what the last check found.
//!
//! A row is made, changed and deleted in the transactions that make, change and delete its device. Uploads write when the device was heard
//! of (a write unit each time), checks what they found: see `device_check.rs`.

use super::OrgTable;
use super::check::{names, values};
use crate::keys;
use crate::table::{from_item, unreadable};
use crate::transaction::{Change, Guard};
use aws_errors::failed;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::fleet::{Device, DeviceState, Watch};
use domain::{DeviceId, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub device: DeviceId,
    #[serde(flatten)]
    pub watch: Watch,
    /// What the last check found.
    pub found: DeviceState,
    pub notice: Option<Notice>,
}

/// A change that waits to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    pub from: DeviceState,
    pub to: DeviceState,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub since: Timestamp,
}

impl Row {
    pub fn new(device: &Device, watch: Watch) -> Self {
        Self {
            device: device.id,
            watch,
            found: if device.enabled {
                DeviceState::Unknown
            } else {
                DeviceState::Disabled
            },
            notice: None,
        }
    }
}

impl OrgTable {
    /// Notes that an upload of a device was accepted at that time; the watch as it is now, `None` where there is no such device. A later
    /// sign of life stays. (A write whose condition fails costs as much as one that is done: whoever calls had better remember the answer.)
    pub async fn device_seen(&self, device: DeviceId, at: Timestamp) -> Result<Option<Watch>, ServiceError> {
        let sent = self
            .update_item(&keys::watch(device), &["seen", "resumed"])
            .update_expression("SET #seen = :at, #resumed = if_not_exists(#resumed, :at)")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(#seen) OR #seen < :at)")
            .set_expression_attribute_values(values([(":at", milliseconds(at))]))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let row = match sent {
            Ok(answer) => answer.attributes,
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => refused.item.clone(),
                _ => return Err(failed(error)),
            },
        };
        match row {
            Some(row) => Ok(Some(from_item::<Row>(row)?.watch)),
            None => self.watch_late(device, at).await,
        }
    }

    /// Begins to watch a device that was registered before there were watches.
    async fn watch_late(&self, device: DeviceId, at: Timestamp) -> Result<Option<Watch>, ServiceError> {
        let Some(device) = self.device(device).await? else {
            return Ok(None);
        };
        let (seen, resumed) = (Some(at), Some(at));
        let watch = Watch {
            seen,
            resumed,
            ..Watch::of(&device)
        };
        let still_there = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::device(device.id).cells()))
            .condition_expression("attribute_exists(pk)");
        let mut change = Change::silent().put(
            &self.table,
            &keys::watch(device.id),
            &Row::new(&device, watch),
            Guard::Absent,
        )?;
        change.writes.push(
            TransactWriteItem::builder()
                .condition_check(still_there.build().map_err(unreadable)?)
                .build(),
        );
        change.send(&self.table).await?;
        Ok(Some(watch))
    }
}

impl Change {
    /// Adds a device's watch under other settings; where it has none yet, one begins.
    pub(super) fn set_watch(mut self, org: &OrgTable, device: &Device, watch: &Watch) -> Result<Self, ServiceError> {
        let attributes = ["device", "enabled", "silent_after", "begun", "found"];
        let update = Update::builder()
            .table_name(&org.table.name)
            .set_key(Some(keys::watch(device.id).cells()))
            .update_expression(
                "SET #device = :device, #enabled = :enabled, #silent_after = :silent_after, #begun = :begun, #found = if_not_exists(#found, :found)",
            )
            .set_expression_attribute_names(Some(names(&attributes)))
            .set_expression_attribute_values(values([
                (":device", attribute(device.id)?),
                (":enabled", attribute(watch.enabled)?),
                (":silent_after", attribute(watch.silent_after)?),
                (":begun", milliseconds(watch.begun)),
                (":found", attribute(DeviceState::Unknown)?),
            ]));
        self.writes.push(
            TransactWriteItem::builder()
                .update(update.build().map_err(unreadable)?)
                .build(),
        );
        Ok(self)
    }
}

pub(super) fn attribute(value: impl Serialize) -> Result<AttributeValue, ServiceError> {
    serde_dynamo::to_attribute_value(value).map_err(unreadable)
}

pub(super) fn milliseconds(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.as_millisecond().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::to_item;
    use domain::fleet::SilentAfter;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let device: DeviceId = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let notice = Notice {
            from: DeviceState::Ok,
            to: DeviceState::Failed,
            since: at(9_000),
        };
        let watch = |seen| Watch {
            enabled: true,
            silent_after: SilentAfter::default(),
            begun: at(1),
            seen,
            resumed: seen,
        };
        for (seen, notice) in [(None, None), (Some(at(7)), None), (Some(at(7)), Some(notice))] {
            let row = Row {
                device,
                watch: watch(seen),
                found: DeviceState::Ok,
                notice,
            };
            let mut item = to_item(&keys::watch(device), &row).unwrap();
            // Sightings compare this with a number.
            assert_eq!(item.get("seen"), seen.map(milliseconds).as_ref());
            // A check writes that there is no notice.
            item.entry("notice".to_owned()).or_insert(AttributeValue::Null(true));
            assert_eq!(from_item::<Row>(item).unwrap(), row);
        }
    }
}
