//! What the scheduled checks share: a bounded page of rows over several partitions, and writes that each hold only if nobody was faster.

use super::OrgTable;
use crate::cell::Item;
use crate::keys::{self, Key};
use crate::table::{Range, Slice, Walk, from_item};
use aws_errors::failed;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::fleet::Device;
use domain::{DeviceId, ServiceError};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// How many rows a page has: at some hundred bytes each, one call of DynamoDB's, and seconds of work if every one of them changes.
const PAGE: usize = 500;
/// How many writes are on their way at once.
const WRITES_AT_ONCE: usize = 16;

/// Where a check goes on: opaque, and small enough for a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CheckPlace {
    partition: usize,
    after: Option<String>,
}

impl OrgTable {
    /// The rows of these partitions from that place on, at most [`PAGE`] of them, and where the next page begins; `None` after the last.
    pub(super) async fn check_page<T: DeserializeOwned>(
        &self,
        partitions: &[String],
        from: Option<CheckPlace>,
    ) -> Result<(Vec<T>, Option<CheckPlace>), ServiceError> {
        let mut rows = Vec::new();
        let mut place = from.unwrap_or_default();
        while let Some(pk) = partitions.get(place.partition) {
            let limit = PAGE.saturating_sub(rows.len());
            if limit == 0 {
                return Ok((rows, Some(place)));
            }
            let walk = Walk {
                ascending: true,
                after: place.after.as_deref(),
                limit,
            };
            let Slice { items, next } = self.table.query::<T>(pk, Range::All, walk).await?;
            rows.extend(items);
            let partition = place.partition + usize::from(next.is_none());
            place = CheckPlace { partition, after: next };
        }
        Ok((rows, None))
    }

    /// The devices of these that there are.
    pub(super) async fn devices_of(
        &self,
        ids: impl Iterator<Item = DeviceId>,
    ) -> Result<HashMap<DeviceId, Device>, ServiceError> {
        let wanted: Vec<_> = ids.collect::<BTreeSet<_>>().into_iter().map(keys::device).collect();
        let found = self.table.get_many(&wanted).await?;
        let devices = found.into_iter().map(from_item::<Device>);
        devices.map(|device| device.map(|device| (device.id, device))).collect()
    }

    /// An update of one item, with `#name` standing for each of these attributes.
    pub(super) fn update_item(&self, key: &Key, attributes: &[&str]) -> UpdateItemFluentBuilder {
        let call = self.table.client.update_item().table_name(&self.table.name);
        call.set_key(Some(key.cells()))
            .set_expression_attribute_names(Some(names(attributes)))
    }
}

/// `#name` for each of these attributes: some are words that DynamoDB keeps to itself.
pub(super) fn names(attributes: &[&str]) -> HashMap<String, String> {
    let names = attributes.iter().map(|name| (format!("#{name}"), (*name).to_owned()));
    names.collect()
}

/// The values that an expression names.
pub(super) fn values<'a>(values: impl IntoIterator<Item = (&'a str, AttributeValue)>) -> Option<Item> {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
    Some(values.collect())
}

/// Sends an update that holds only under its condition; whether it did.
pub(super) async fn send(update: UpdateItemFluentBuilder) -> Result<bool, ServiceError> {
    match update.send().await.map_err(failed) {
        Ok(_) => Ok(true),
        Err(ServiceError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Runs work on many things, some at once, in the order of the things.
pub(super) fn side_by_side<T, F: Future>(things: Vec<T>, work: impl FnMut(T) -> F) -> impl Stream<Item = F::Output> {
    stream::iter(things).map(work).buffered(WRITES_AT_ONCE)
}

/// Runs writes, some at once, to the last or to the first that fails.
pub(super) async fn all<T, F>(things: Vec<T>, work: impl FnMut(T) -> F) -> Result<(), ServiceError>
where
    F: Future<Output = Result<bool, ServiceError>>,
{
    side_by_side(things, work).try_for_each(async |_| Ok(())).await
}
