//! Changes: what is written, the journal entry that tells of it and the tasks it starts, in one transaction.

mod update;

use crate::cell::Item;
use crate::keys::Key;
use crate::table::{Table, to_item, unreadable};
use aws_errors::failed;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use domain::{OrgId, Role, ServiceError, TaskId, journal};
use serde::Serialize;
use std::collections::HashMap;

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The condition of the `n`-th write, counted from 0 in the order they were added, does not hold.
    Write(usize),
    /// The database failed.
    Service(ServiceError),
}

/// What must hold for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing.
    None,
    /// There is no such item yet.
    Absent,
    /// There is such an item.
    Present,
    /// It is a membership that groups of an identity provider brought about, in this role: a change whose answer was lost is not made twice.
    ByGroup(Role),
    /// It is the place of an owner.
    Owner,
    /// It is an account that stays: no task is to delete it.
    Stays,
    /// It names this organisation.
    HeldBy(OrgId),
    /// The item's `version` is this.
    Version(u64),
    /// The item is there and has no `version` yet.
    Unversioned,
    /// The organisation's latest task is this, and its life has come to this step: nobody has taken another one meanwhile.
    Life {
        /// The task.
        task: TaskId,
        /// How many steps its life has had.
        step: u64,
    },
    /// The task's row is of this revision.
    Revision(u64),
}

/// Writes that stand or fall together. Build it, then let [`crate::OrgTable::commit`] or the directory commit it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub(crate) writes: Vec<TransactWriteItem>,
    pub(crate) event: Option<journal::Event>,
    /// The record of the request's answer, the last write of all, so that it moves the place of no other.
    pub(crate) record: Option<TransactWriteItem>,
}

impl From<ServiceError> for Refused {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<Refused> for ServiceError {
    /// For whoever has no words of their own for a condition that does not hold.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Write(_) => Self::Conflict,
            Refused::Service(error) => error,
        }
    }
}

impl Guard {
    /// The item's `version` is this, 0 being that of items from before they had one.
    pub(crate) fn version(number: u64) -> Self {
        match number {
            0 => Self::Unversioned,
            number => Self::Version(number),
        }
    }

    fn expression(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Absent => Some("attribute_not_exists(pk)"),
            Self::Present => Some("attribute_exists(pk)"),
            Self::ByGroup(_) => Some("attribute_exists(by_group_of) AND #role = :guard"),
            Self::Owner => Some("#role = :guard"),
            Self::Stays => Some("attribute_exists(pk) AND attribute_not_exists(deleted_by)"),
            Self::HeldBy(_) => Some("org = :guard"),
            Self::Version(_) => Some("version = :guard"),
            Self::Unversioned => Some("attribute_exists(pk) AND attribute_not_exists(version)"),
            // Rows from before steps were counted have no number.
            Self::Life { step: 0, .. } => Some("task = :guard AND (attribute_not_exists(step) OR step = :step)"),
            Self::Life { .. } => Some("task = :guard AND step = :step"),
            Self::Revision(_) => Some("revision = :guard"),
        }
    }

    fn values(self) -> Option<Item> {
        let number = |number: u64| AttributeValue::N(number.to_string());
        let values = match self {
            Self::Version(guard) | Self::Revision(guard) => vec![(":guard", number(guard))],
            Self::HeldBy(org) => vec![(":guard", AttributeValue::S(org.to_string()))],
            Self::ByGroup(role) => vec![(":guard", AttributeValue::S(role.as_str().to_owned()))],
            Self::Owner => vec![(":guard", AttributeValue::S(Role::Owner.as_str().to_owned()))],
            Self::Life { task, step } => vec![(":guard", AttributeValue::S(task.to_string())), (":step", number(step))],
            Self::None | Self::Absent | Self::Present | Self::Stays | Self::Unversioned => return None,
        };
        Some(
            values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// What stands for a reserved word in the expression.
    fn names(self) -> Option<HashMap<String, String>> {
        matches!(self, Self::ByGroup(_) | Self::Owner).then(|| HashMap::from([("#role".to_owned(), "role".to_owned())]))
    }
}

impl Change {
    /// A change that the journal tells of.
    pub fn told(event: journal::Event) -> Self {
        Self {
            event: Some(event),
            ..Self::default()
        }
    }

    /// A change of Millwright's own bookkeeping, which no journal tells of.
    pub fn silent() -> Self {
        Self::default()
    }

    /// Whether it writes nothing and tells nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.event.is_none()
    }

    pub(crate) fn put(
        mut self,
        table: &Table,
        key: &Key,
        value: &impl Serialize,
        guard: Guard,
    ) -> Result<Self, ServiceError> {
        let mut put = Put::builder()
            .table_name(&table.name)
            .set_item(Some(to_item(key, value)?));
        put = put.set_condition_expression(guard.expression().map(str::to_owned));
        put = put.set_expression_attribute_values(guard.values());
        put = put.set_expression_attribute_names(guard.names());
        self.writes.push(
            TransactWriteItem::builder()
                .put(put.build().map_err(unreadable)?)
                .build(),
        );
        Ok(self)
    }

    pub(crate) fn delete(mut self, table: &Table, key: &Key, guard: Guard) -> Result<Self, ServiceError> {
        let mut delete = Delete::builder().table_name(&table.name).set_key(Some(key.cells()));
        delete = delete.set_condition_expression(guard.expression().map(str::to_owned));
        delete = delete.set_expression_attribute_values(guard.values());
        delete = delete.set_expression_attribute_names(guard.names());
        self.writes.push(
            TransactWriteItem::builder()
                .delete(delete.build().map_err(unreadable)?)
                .build(),
        );
        Ok(self)
    }

    /// Writes nothing, and makes sure that something holds of an item.
    pub(crate) fn check(mut self, table: &Table, key: &Key, guard: Guard) -> Result<Self, ServiceError> {
        let mut check = ConditionCheck::builder()
            .table_name(&table.name)
            .set_key(Some(key.cells()));
        check = check.set_condition_expression(guard.expression().map(str::to_owned));
        check = check.set_expression_attribute_values(guard.values());
        check = check.set_expression_attribute_names(guard.names());
        self.writes.push(
            TransactWriteItem::builder()
                .condition_check(check.build().map_err(unreadable)?)
                .build(),
        );
        Ok(self)
    }

    /// Commits the writes. A condition that fails is told by its place; that of the request's record before any other.
    pub(crate) async fn send(mut self, table: &Table) -> Result<(), Refused> {
        let record = self.record.take();
        let record_at = record.as_ref().map(|_| self.writes.len());
        self.writes.extend(record);
        let call = table
            .client
            .transact_write_items()
            .set_transact_items(Some(self.writes));
        let Err(error) = call.send().await else { return Ok(()) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let codes: Vec<_> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or("None"))
                .collect();
            let failed_at = |place: &usize| codes.get(*place) == Some(&"ConditionalCheckFailed");
            if let Some(place) = record_at.into_iter().chain(0..codes.len()).find(failed_at) {
                return Err(Refused::Write(place));
            }
            // The rest is contention or throttling: the same transaction may succeed in a moment.
            let busy = codes
                .iter()
                .all(|code| *code != "ValidationError" && *code != "ItemCollectionSizeLimitExceeded");
            let codes = format!("transaction cancelled: {codes:?}");
            return Err(Refused::Service(if busy {
                ServiceError::Busy(codes)
            } else {
                ServiceError::Failed(codes)
            }));
        }
        Err(Refused::Service(failed(error)))
    }
}
