//! Blocks of readings, and the streams they belong to.

use super::OrgTable;
use super::check::{send, values};
use crate::cell::{self, Item};
use crate::keys::{self, Key};
use crate::table::{Range, Slice, Walk, unreadable};
use aws_errors::failed;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use blocks::{Acceptance, Away, StoredBlock, Summary};
use domain::block_files::stream_folder;
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
    /// No block of it is longer than this, in nanoseconds from its first reading to its last. Blocks are found by their last reading:
    /// this tells how far behind a range one that reaches into it can end.
    pub span: i64,
    /// Up to which time, in nanoseconds, its blocks are as few as they can be; none while nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compacted: Option<i64>,
    /// Up to which time, in nanoseconds, its blocks have moved to files where that is worth it; none while none have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<i64>,
}

impl Stream {
    /// One whose first reading arrived then, of blocks that long; nobody has looked after them yet.
    pub fn new(variable: VariableName, created_at: Timestamp, span: i64) -> Self {
        Self {
            variable,
            created_at,
            span,
            compacted: None,
            archived: None,
        }
    }
}

/// A page of a stream's blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockPage {
    /// The blocks, in the order of their last readings.
    pub blocks: Vec<StoredBlock>,
    /// After which the next page begins; `None` on the last.
    pub next: Option<BlockPlace>,
}

/// A place between two blocks of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPlace(String);

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
            write_block(&key, block)
        })
    }
}

/// The key of a block that holds readings of several uploads.
pub(super) fn merged_key(device: DeviceId, variable: &VariableName, block: &StoredBlock) -> Key {
    let (last, accepted) = (block.summary.last.time, Ulid(block.accepted.0));
    keys::compacted_block(device, variable, last, accepted, crc32fast::hash(&block.bytes))
}

pub(super) fn write_block(key: &Key, block: StoredBlock) -> Item {
    let mut item = key.cells();
    item.insert("summary".into(), AttributeValue::B(Blob::new(block.summary.to_bytes())));
    item.insert("bytes".into(), AttributeValue::B(Blob::new(block.bytes)));
    if let Some(away) = block.away {
        let name = away.file.rsplit('/').next().unwrap_or_default();
        item.extend(away_cells(name, away.offset, away.length as u64));
    }
    item
}

/// What a row says of where its block lies: the name of a file of its stream, and where in it.
pub(super) fn away_cells(name: &str, offset: u64, length: u64) -> [(String, AttributeValue); 3] {
    let number = |number: u64| AttributeValue::N(number.to_string());
    let cells = [
        ("file", AttributeValue::S(name.to_owned())),
        ("offset", number(offset)),
        ("length", number(length)),
    ];
    cells.map(|(name, cell)| (name.to_owned(), cell))
}

/// A block of a stream whose files are in that folder.
pub(super) fn read_block(item: &Item, folder: &str) -> Option<StoredBlock> {
    let upload = cell::text(item, "sk")?.split('#').nth(1)?;
    Some(StoredBlock {
        accepted: Acceptance(Ulid::from_string(upload).ok()?.0),
        summary: Summary::from_bytes(cell::bytes(item, "summary")?).ok()?,
        bytes: cell::bytes(item, "bytes")?.to_vec(),
        away: away(item, folder)?,
    })
}

/// Where a block lies if not in its row; `None` where the row does not tell all of it.
fn away(item: &Item, folder: &str) -> Option<Option<Away>> {
    let Some(name) = cell::text(item, "file") else {
        return Some(None);
    };
    Some(Some(Away {
        file: format!("{folder}{name}"),
        offset: cell::number(item, "offset")?.try_into().ok()?,
        length: cell::number(item, "length")?.try_into().ok()?,
    }))
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

    /// Writes blocks that hold readings of several uploads. Their keys follow from what is in them, so that whoever makes the same ones writes the same items.
    pub async fn put_merged_blocks(&self, device: DeviceId, streams: Vec<StreamBlocks>) -> Result<(), ServiceError> {
        let items = streams.into_iter().flat_map(|StreamBlocks { variable, blocks }| {
            blocks
                .into_iter()
                .map(move |block| write_block(&merged_key(device, &variable, &block), block))
        });
        self.table.put_many(items.collect()).await
    }

    /// Notes that a stream exists and how long its blocks are. Of several notes the first arrival and the greatest span stay; comes before
    /// the blocks that it tells of, so that no reader stops short of them.
    pub async fn note_stream(&self, device: DeviceId, stream: &Stream) -> Result<(), ServiceError> {
        let key = keys::stream(device, &stream.variable);
        let call = self.table.client.update_item().table_name(&self.table.name);
        let text = |value: String| AttributeValue::S(value);
        let note = call
            .set_key(Some(key.cells()))
            .update_expression("SET #variable = :variable, #created = if_not_exists(#created, :created), #span = :span")
            .condition_expression("attribute_not_exists(#span) OR #span < :span")
            .expression_attribute_names("#variable", "variable")
            .expression_attribute_names("#created", "created_at")
            .expression_attribute_names("#span", "span")
            .expression_attribute_values(":variable", text(stream.variable.to_string()))
            .expression_attribute_values(":created", text(stream.created_at.to_string()))
            .expression_attribute_values(":span", AttributeValue::N(stream.span.to_string()));
        match note.send().await.map_err(failed) {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Notes up to which time something has been done for a stream's blocks, where the stream is still there.
    pub(super) async fn note_until(
        &self,
        (device, variable): (DeviceId, &VariableName),
        what: &'static str,
        until: i64,
    ) -> Result<(), ServiceError> {
        let update = self.update_item(&keys::stream(device, variable), &["pk", what]);
        let update = update
            .update_expression(format!("SET #{what} = :until"))
            .condition_expression("attribute_exists(#pk)")
            .set_expression_attribute_values(values([(":until", AttributeValue::N(until.to_string()))]));
        send(update).await.map(drop)
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
        self.table
            .page(&pk, Range::Prefix(keys::STREAM_PREFIX), walk, |stream: &Stream| {
                stream.variable.clone()
            })
            .await
    }

    /// One stream.
    pub async fn stream(&self, device: DeviceId, variable: &VariableName) -> Result<Option<Stream>, ServiceError> {
        self.table.get(&keys::stream(device, variable)).await
    }

    /// The blocks whose last reading is between two times, both included: oldest first or newest first, at most `limit` of them. Those in
    /// whose place others are ([`OrgTable::replace_blocks`]) are left out once whoever reads has seen the others.
    pub async fn blocks(
        &self,
        device: DeviceId,
        variable: &VariableName,
        (from, to): (i64, i64),
        (ascending, after): (bool, Option<&BlockPlace>),
        limit: usize,
    ) -> Result<BlockPage, ServiceError> {
        // '~' sorts after every ULID, so that blocks at the last instant are included.
        let (from, to) = (keys::time(from), format!("{}~", keys::time(to)));
        let after = after.map(|place| place.0.as_str());
        let walk = Walk {
            ascending,
            after,
            limit,
        };
        let pk = keys::blocks(device, variable);
        let Slice { items, next } = self.table.query_items(&pk, Range::Between(&from, &to), walk).await?;
        let now = self.source.now().as_second();
        let folder = stream_folder(self.org(), device, variable);
        let blocks = items
            .iter()
            .filter(|item| cell::number(item, "expires_at").is_none_or(|gone| now < gone))
            .map(|item| read_block(item, &folder).ok_or_else(|| unreadable("a block")));
        Ok(BlockPage {
            blocks: blocks.collect::<Result<_, _>>()?,
            next: next.map(BlockPlace),
        })
    }
}
