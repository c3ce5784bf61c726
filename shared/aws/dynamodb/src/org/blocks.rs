//! Blocks of readings, and the streams they belong to.

use super::OrgTable;
use crate::cell::{self, Item};
use crate::keys;
use crate::table::{Range, Slice, Walk, to_item, unreadable};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use blocks::{Acceptance, StoredBlock, Summary};
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// A stream of a device: the readings of one variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The variable's name.
    pub variable: VariableName,
    /// When its first reading arrived.
    pub created_at: Timestamp,
}

/// The blocks that one upload makes of one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamBlocks {
    /// The stream.
    pub variable: VariableName,
    /// Its blocks, in an order that the upload alone decides.
    pub blocks: Vec<StoredBlock>,
}

impl StreamBlocks {
    /// One item a block. The place of a block among its upload's is part of the key, since two of them can end at one time.
    fn into_items(self, device: DeviceId) -> impl Iterator<Item = Item> {
        let Self { variable, blocks } = self;
        blocks.into_iter().enumerate().map(move |(place, block)| {
            let key = keys::block(
                device,
                &variable,
                block.summary.last.time,
                Ulid(block.accepted.0),
                place,
            );
            let mut item = key.cells();
            item.insert("summary".into(), AttributeValue::B(Blob::new(block.summary.to_bytes())));
            item.insert("bytes".into(), AttributeValue::B(Blob::new(block.bytes)));
            item
        })
    }
}

fn read_block(item: &Item) -> Option<StoredBlock> {
    let upload = cell::text(item, "sk")?.split('#').nth(1)?;
    Some(StoredBlock {
        accepted: Acceptance(Ulid::from_string(upload).ok()?.0),
        summary: Summary::from_bytes(cell::bytes(item, "summary")?).ok()?,
        bytes: cell::bytes(item, "bytes")?.to_vec(),
    })
}

impl OrgTable {
    /// Writes blocks of a device. Their keys follow from upload, time and place: writing them again changes nothing.
    pub async fn put_blocks(&self, device: DeviceId, streams: Vec<StreamBlocks>) -> Result<(), ServiceError> {
        self.table
            .put_many(
                streams
                    .into_iter()
                    .flat_map(|stream| stream.into_items(device))
                    .collect(),
            )
            .await
    }

    /// Notes that a stream exists; the first note stays.
    pub async fn put_stream(&self, device: DeviceId, stream: &Stream) -> Result<bool, ServiceError> {
        self.table
            .put_new(&keys::stream(device, &stream.variable), stream)
            .await
    }

    /// The streams of a device in the order of their names, a page of them after `after`.
    pub async fn streams(
        &self,
        device: DeviceId,
        after: Option<&VariableName>,
        limit: usize,
    ) -> Result<(Vec<Stream>, Option<VariableName>), ServiceError> {
        let after = after.map(|variable| keys::stream(device, variable).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::device_partition(device);
        let Slice { items, next } = self
            .table
            .query::<Stream>(&pk, Range::Prefix(keys::STREAM_PREFIX), walk)
            .await?;
        let next = next.and_then(|_| items.last().map(|stream| stream.variable.clone()));
        Ok((items, next))
    }

    /// One stream.
    pub async fn stream(&self, device: DeviceId, variable: &VariableName) -> Result<Option<Stream>, ServiceError> {
        self.table.get(&keys::stream(device, variable)).await
    }

    /// The blocks whose last reading is between two times, both included: oldest first or newest first, at most `limit` of them.
    /// Whether there may be more is told beside them.
    pub async fn blocks(
        &self,
        device: DeviceId,
        variable: &VariableName,
        (from, to): (i64, i64),
        ascending: bool,
        limit: usize,
    ) -> Result<(Vec<StoredBlock>, bool), ServiceError> {
        // '~' sorts after every ULID, so that blocks at the last instant are included.
        let (from, to) = (keys::time(from), format!("{}~", keys::time(to)));
        let walk = Walk {
            ascending,
            after: None,
            limit,
        };
        let pk = keys::blocks(device, variable);
        let Slice { items, next } = self.table.query_items(&pk, Range::Between(&from, &to), walk).await?;
        let blocks = items
            .iter()
            .map(|item| read_block(item).ok_or_else(|| unreadable("a block")));
        Ok((blocks.collect::<Result<_, _>>()?, next.is_some()))
    }
}

/// An item for a batch of writes.
pub(super) fn item(key: &keys::Key, value: &impl Serialize) -> Result<Item, ServiceError> {
    to_item(key, value)
}
