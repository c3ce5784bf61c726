//! Blocks that take the place of others.

use super::OrgTable;
use super::blocks::{merged_key, read_block, write_block};
use super::check::{all, values};
use crate::cell::{self, Item};
use crate::keys::{self, Key};
use crate::table::{Range, Slice, Walk, unreadable};
use aws_sdk_dynamodb::types::AttributeValue;
use blocks::StoredBlock;
use domain::block_files::stream_folder;
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};
use jiff::SignedDuration;

/// How long replaced blocks are still read, beside those that replace them: longer than any request that began to read before.
const STILL_READ: SignedDuration = SignedDuration::from_secs(60);

/// A block, and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptBlock {
    pub(super) sk: String,
    /// The block.
    pub block: StoredBlock,
}

impl OrgTable {
    /// The blocks of a stream whose last reading is between two times, both included, oldest first, and whether there are more: those in
    /// whose place no others are, at most about `limit`.
    pub async fn kept_blocks(
        &self,
        device: DeviceId,
        variable: &VariableName,
        (from, to): (i64, i64),
        limit: usize,
    ) -> Result<(Vec<KeptBlock>, bool), ServiceError> {
        let pk = keys::blocks(device, variable);
        let folder = stream_folder(self.org(), device, variable);
        let (from, to) = (keys::time(from), format!("{}~", keys::time(to)));
        let (mut kept, mut after): (Vec<KeptBlock>, Option<String>) = (Vec::new(), None);
        while kept.len() < limit {
            let walk = Walk {
                ascending: true,
                after: after.as_deref(),
                limit,
            };
            let Slice { items, next } = self.table.query_items(&pk, Range::Between(&from, &to), walk).await?;
            let found = items.iter().filter(|item| !item.contains_key("expires_at"));
            let found = found.map(|item| keep(item, &folder).ok_or_else(|| unreadable("a block")));
            kept.extend(found.collect::<Result<Vec<_>, _>>()?);
            if next.is_none() {
                return Ok((kept, false));
            }
            after = next;
        }
        Ok((kept, true))
    }

    /// Puts blocks of a stream in the place of others, which amount to the same. First they are written, then the others get a time at which
    /// readers pass them over and DynamoDB deletes them: whoever reads meanwhile finds either or both. Bears repetition.
    pub async fn replace_blocks(
        &self,
        (device, variable): (DeviceId, &VariableName),
        old: &[&KeptBlock],
        new: Vec<StoredBlock>,
    ) -> Result<(), ServiceError> {
        let key = |block: &StoredBlock| merged_key(device, variable, block);
        let new: Vec<(Key, StoredBlock)> = new.into_iter().map(|block| (key(&block), block)).collect();
        let stays = |old: &KeptBlock| new.iter().any(|(key, _)| key.sk == old.sk);
        let gone: Vec<Key> = old
            .iter()
            .filter(|old| !stays(old))
            .map(|old| Key {
                pk: keys::blocks(device, variable),
                sk: old.sk.clone(),
            })
            .collect();
        let items = new.into_iter().map(|(key, block)| write_block(&key, block));
        self.table.put_many(items.collect()).await?;
        let at = (self.source.now() + STILL_READ).as_second();
        all(gone, |key| self.let_go(key, at)).await
    }

    async fn let_go(&self, key: Key, at: i64) -> Result<bool, ServiceError> {
        let update = self.update_item(&key, &["pk", "expires_at"]);
        let update = update
            .update_expression("SET #expires_at = if_not_exists(#expires_at, :at)")
            .condition_expression("attribute_exists(#pk)")
            .set_expression_attribute_values(values([(":at", AttributeValue::N(at.to_string()))]));
        super::check::send(update).await
    }

    /// Notes up to which time a stream's blocks are as few as they can be.
    pub async fn note_compacted(
        &self,
        device: DeviceId,
        variable: &VariableName,
        until: i64,
    ) -> Result<(), ServiceError> {
        self.note_until((device, variable), "compacted", until).await
    }
}

fn keep(item: &Item, folder: &str) -> Option<KeptBlock> {
    Some(KeptBlock {
        sk: cell::text(item, "sk")?.to_owned(),
        block: read_block(item, folder)?,
    })
}
