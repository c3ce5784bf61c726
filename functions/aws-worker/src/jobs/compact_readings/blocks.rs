//! The blocks of a stream: those that are too old go, those that are too small are merged.

use super::merge::{Merged, members, merge};
use super::{State, nanoseconds};
use aws_dynamodb::{KeptBlock, OrgTable, Stream};
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};
use jiff::{SignedDuration, Timestamp};

/// Blocks that are read together.
const PAGE: usize = 500;
/// Blocks that end later than so long ago are left alone.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);
/// How late readings may come and still be merged.
const LATE: SignedDuration = SignedDuration::from_hours(24 * 7);

impl State {
    /// Lets go of a page of a stream's blocks that are older than it keeps; from where there are more.
    pub(super) async fn expire(
        &mut self,
        table: &OrgTable,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
        now: Timestamp,
    ) -> Result<Option<i64>, ServiceError> {
        let settings = table.stream_settings(device, variable).await?;
        let Some(floor) = settings
            .and_then(|settings| settings.floor(now))
            .filter(|floor| from < *floor)
        else {
            return Ok(None);
        };
        let (old, more) = table.kept_blocks(device, variable, (from, floor - 1), PAGE).await?;
        let last = old.last().map(|kept| kept.block.summary.last.time);
        self.expired += old.len() as u64;
        let old: Vec<_> = old.iter().collect();
        table.replace_blocks((device, variable), &old, Vec::new()).await?;
        Ok(last.filter(|_| more))
    }

    /// Merges a page of a stream's blocks; from where there are more.
    pub(super) async fn compact(
        &mut self,
        table: &OrgTable,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
        now: Timestamp,
    ) -> Result<Option<i64>, ServiceError> {
        let Some(stream) = table.stream(device, variable).await? else {
            return Ok(None);
        };
        // Before the blocks: what is deleted once they are read is taken out of what becomes of them.
        let settings = table.stream_settings(device, variable).await?;
        let holes = settings.map(|settings| settings.deleted()).unwrap_or_default();
        let before = nanoseconds(now - SETTLED);
        let (mut kept, more) = table.kept_blocks(device, variable, (from, before - 1), PAGE).await?;
        let members = members(&kept.iter().map(|kept| &kept.block).collect::<Vec<_>>(), before);
        let opened = kept.iter_mut().enumerate().filter(|(place, _)| members.contains(place));
        table.fetch(opened.map(|(_, kept)| &mut kept.block)).await?;
        let blocks: Vec<_> = kept.iter().map(|kept| &kept.block).collect();
        let merged =
            merge(&blocks, before, &holes).map_err(|why| ServiceError::Failed(format!("blocks of {device}: {why}")))?;
        let reached = merged.reached.unwrap_or(from);
        let last = blocks.last().map(|block| block.summary.last.time);
        self.replace(table, (device, &stream), &kept, merged).await?;
        match last.filter(|_| more) {
            // What is not as large as it should be is merged with what comes next; at least a block is left behind.
            Some(last) => Ok(Some(if reached > from {
                reached
            } else {
                last.saturating_add(1)
            })),
            None => {
                let settled = reached.min(nanoseconds(now - LATE));
                if stream.compacted.is_none_or(|before| before < settled) {
                    table.note_compacted(device, variable, settled).await?;
                }
                Ok(None)
            }
        }
    }

    async fn replace(
        &mut self,
        table: &OrgTable,
        (device, stream): (DeviceId, &Stream),
        kept: &[KeptBlock],
        merged: Merged,
    ) -> Result<(), ServiceError> {
        let Merged { old, new, .. } = merged;
        if old.is_empty() {
            return Ok(());
        }
        (self.merged, self.made) = (self.merged + old.len() as u64, self.made + new.len() as u64);
        let span = new.iter().map(|block| block.summary.span()).max().unwrap_or_default();
        if span > stream.span {
            // Before the blocks that it tells of, so that no reader stops short of them.
            table.note_stream(device, &Stream { span, ..stream.clone() }).await?;
        }
        let old: Vec<_> = old.iter().filter_map(|place| kept.get(*place)).collect();
        table.replace_blocks((device, &stream.variable), &old, new).await
    }
}
