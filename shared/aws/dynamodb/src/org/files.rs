//! Blocks whose bytes lie in files: fetching them, sending them there, and finding files that no block refers to.
//!
//! A row's own bytes shrink to the block's head; summary, key and acceptance stay, so that whatever is told unopened costs no file. A file's
//! key is made of the table's organisation, of device and stream, and of the name in the row: no row can name another's.

use super::OrgTable;
use super::blocks::away_cells;
use super::check::{all, send};
use super::compaction::KeptBlock;
use crate::cell::{self, Item};
use crate::keys::{self, Key};
use crate::table::{Range, Walk, unreadable};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use blocks::{Away, HEAD, StoredBlock};
use domain::block_files::BlockFile;
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many parts of files are read at once.
const READ_AT_ONCE: usize = 4;
/// Rows that are looked through together for one that refers to a file: the first, as a rule.
const LOOKED_THROUGH: usize = 16;

/// A block in a row, and where in a file its bytes lie as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledBlock {
    sk: String,
    /// Its first bytes, in hexadecimal.
    head: String,
    offset: u64,
    length: u64,
}

/// A file that no block refers to.
#[derive(Serialize, Deserialize)]
struct Unused {
    #[serde(flatten)]
    file: BlockFile,
    since: Timestamp,
}

impl KeptBlock {
    /// The block, its bytes lying in a file from there on as well.
    pub fn filed(&self, offset: u64) -> FiledBlock {
        let head = self.block.bytes.iter().take(HEAD);
        FiledBlock {
            sk: self.sk.clone(),
            head: head.map(|byte| format!("{byte:02x}")).collect(),
            offset,
            length: self.block.bytes.len() as u64,
        }
    }
}

impl FiledBlock {
    fn head(&self) -> Option<Vec<u8>> {
        let digits = (0..self.head.len()).step_by(2).map(|at| self.head.get(at..at + 2));
        digits.map(|two| u8::from_str_radix(two?, 16).ok()).collect()
    }
}

impl OrgTable {
    /// Brings the bytes of those of these blocks here that lie in files.
    pub async fn fetch(&self, blocks: impl IntoIterator<Item = &mut StoredBlock>) -> Result<(), ServiceError> {
        let mut away: Vec<_> = blocks.into_iter().filter(|block| block.away.is_some()).collect();
        if away.is_empty() {
            return Ok(());
        }
        let files = self.files.as_ref();
        let files = files.ok_or_else(|| ServiceError::Failed("files are not read here".to_owned()))?;
        let stretches = blocks::stretches(away.iter().map(|block| &**block));
        let read = stretches.into_iter().map(|stretch| async move {
            let bytes = files.read(&stretch.file, stretch.start..stretch.end).await?;
            Ok::<_, ServiceError>((stretch, bytes))
        });
        let read: Vec<_> = stream::iter(read).buffered(READ_AT_ONCE).try_collect().await?;
        let cut = |away: &Away| read.iter().find_map(|(stretch, bytes)| stretch.cut(bytes, away));
        for block in &mut away {
            let bytes = block.away.as_ref().and_then(cut);
            let brought = bytes.map(|bytes| block.bring(bytes));
            brought
                .unwrap_or(Ok(()))
                .map_err(|error| ServiceError::Failed(format!("{:?}: {error}", block.away)))?;
        }
        Ok(())
    }

    /// Leaves of these rows' bytes what is needed unopened, and the name of the file in which the whole blocks lie by now. Rows that are gone,
    /// are to go, or name a file already stay as they are. Bears repetition.
    pub async fn send_blocks(&self, file: &BlockFile, blocks: Vec<FiledBlock>) -> Result<(), ServiceError> {
        all(blocks, |block| self.send_block(file, block)).await
    }

    async fn send_block(&self, file: &BlockFile, block: FiledBlock) -> Result<bool, ServiceError> {
        let head = block.head().ok_or_else(|| unreadable("the head of a block"))?;
        let key = Key {
            pk: keys::blocks(file.device, &file.variable),
            sk: block.sk,
        };
        let cells = away_cells(&file.name.to_string(), block.offset, block.length);
        let mut cells: Item = cells.map(|(name, cell)| (format!(":{name}"), cell)).into();
        cells.insert(":head".to_owned(), AttributeValue::B(Blob::new(head)));
        let update = self.update_item(&key, &["pk", "bytes", "file", "offset", "length", "expires_at"]);
        let update = update
            .update_expression("SET #bytes = :head, #file = :file, #offset = :offset, #length = :length")
            .condition_expression(
                "attribute_exists(#pk) AND attribute_not_exists(#file) AND attribute_not_exists(#expires_at)",
            )
            .set_expression_attribute_values(Some(cells));
        send(update).await
    }

    /// Notes up to which time a stream's blocks have moved to files.
    pub async fn note_archived(
        &self,
        device: DeviceId,
        variable: &VariableName,
        until: i64,
    ) -> Result<(), ServiceError> {
        self.note_until((device, variable), "archived", until).await
    }

    /// Whether a block refers to a file.
    pub async fn uses_file(&self, BlockFile { device, variable, name }: &BlockFile) -> Result<bool, ServiceError> {
        let pk = keys::blocks(*device, variable);
        let (from, to) = (keys::time(name.ends.0), format!("{}~", keys::time(name.ends.1)));
        let name = name.to_string();
        let mut after: Option<String> = None;
        loop {
            let walk = Walk {
                ascending: true,
                after: after.as_deref(),
                limit: LOOKED_THROUGH,
            };
            let slice = self.table.query_items(&pk, Range::Between(&from, &to), walk).await?;
            if slice.items.iter().any(|item| cell::text(item, "file") == Some(&name)) {
                return Ok(true);
            }
            if slice.next.is_none() {
                return Ok(false);
            }
            after = slice.next;
        }
    }

    /// The files of which it was noted that no block refers to them, and since when.
    pub async fn unused_files(&self) -> Result<Vec<(BlockFile, Timestamp)>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        let slice = self.table.query::<Unused>(keys::UNUSED_FILES, Range::All, walk).await?;
        let unused = slice.items.into_iter();
        Ok(unused.map(|Unused { file, since }| (file, since)).collect())
    }

    /// Notes that no block refers to a file, found at that moment.
    pub async fn note_unused_file(&self, file: &BlockFile, since: Timestamp) -> Result<(), ServiceError> {
        let unused = Unused {
            file: file.clone(),
            since,
        };
        self.table.put_new(&keys::unused_file(file), &unused).await.map(drop)
    }

    /// Takes such notes back: a block refers to the file, or it is gone.
    pub async fn forget_unused_files(&self, files: &[BlockFile]) -> Result<(), ServiceError> {
        let keys: Vec<_> = files.iter().map(keys::unused_file).collect();
        self.table.delete_many(&keys).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::blocks::{read_block, write_block};
    use blocks::{Acceptance, Reading, Status};

    #[test]
    fn a_row_that_names_a_file_reads_as_a_block_that_lies_there() {
        let reading = Reading {
            time: 7,
            value: 0.5,
            status: Status::Clean,
            id: Some(3),
        };
        let block = StoredBlock::encode(&[reading], Acceptance(7 << 80)).unwrap();
        let device = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let variable = VariableName::from_stream(0x5001);
        let key = keys::block(device, &variable, 7, ulid::Ulid(7 << 80), 0);
        let kept = KeptBlock {
            sk: key.sk.clone(),
            block: block.clone(),
        };
        let filed = kept.filed(104);
        let mut item = write_block(&key, block.clone());
        item.insert("bytes".into(), AttributeValue::B(Blob::new(filed.head().unwrap())));
        item.insert("file".into(), AttributeValue::S("x".into()));
        assert_eq!(read_block(&item, "f/"), None, "it does not say where in the file");
        item.extend(away_cells("x", filed.offset, filed.length));
        let away = Away {
            file: "f/x".into(),
            offset: 104,
            length: block.bytes.len(),
        };
        let away = block.sent(away);
        assert_eq!(read_block(&item, "f/"), Some(away.clone()));
        assert_eq!(write_block(&key, away), item);
    }
}
