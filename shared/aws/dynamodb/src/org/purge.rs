//! What a deleted device leaves behind, deleted some thousand items at a time.

use super::OrgTable;
use crate::keys::{self, Key};
use crate::table::{Range, Walk};
use domain::{DeviceId, ServiceError};

/// How far a purge came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// How many items it deleted.
    pub items: u64,
    /// Whether none is left.
    pub complete: bool,
}

impl OrgTable {
    /// Deletes at most about `limit` items of a device that is deleted: blocks stream by stream, a stream's row after its last block, so that
    /// what is left is always found again; then filters, which are counted out, events and the rest.
    pub async fn purge_device(&self, device: DeviceId, limit: usize) -> Result<Purged, ServiceError> {
        let (mut items, mut left): (usize, usize) = (0, limit);
        let (streams, _) = self.streams(device, None, usize::MAX).await?;
        for stream in streams {
            let blocks = keys::blocks(device, &stream.variable);
            items += self.purge(&blocks, left).await?;
            left = limit.saturating_sub(items);
            if left == 0 {
                return Ok(Purged::part(items));
            }
            items += self
                .purge(&keys::filter_transitions(device, &stream.variable), left)
                .await?;
            left = limit.saturating_sub(items);
            if left == 0 {
                return Ok(Purged::part(items));
            }
            let variable = &stream.variable;
            let rows = [keys::future(device, variable), keys::stream(device, variable)];
            self.table.delete_many(&rows).await?;
            (items, left) = (items + rows.len(), left.saturating_sub(rows.len()));
        }
        self.forget_filters(device).await?;
        for partition in [keys::events(device), keys::device_partition(device)] {
            items += self.purge(&partition, left).await?;
            left = limit.saturating_sub(items);
            if left == 0 {
                return Ok(Purged::part(items));
            }
        }
        Ok(Purged {
            complete: true,
            ..Purged::part(items)
        })
    }

    /// Deletes the items of a partition, at most `limit`; how many.
    async fn purge(&self, pk: &str, limit: usize) -> Result<usize, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit,
        };
        let keys: Vec<Key> = self.table.keys(pk, Range::All, walk).await?;
        self.table.delete_many(&keys).await?;
        Ok(keys.len())
    }
}

impl Purged {
    fn part(items: usize) -> Self {
        Self {
            items: items as u64,
            complete: false,
        }
    }
}
