//! The days' statistics, one row a day, kept for 400 days; and how large tables are.

use super::Directory;
use crate::keys;
use crate::org::OrgTable;
use crate::table::{Range, Table, Walk};
use aws_errors::failed;
use domain::ServiceError;
use domain::statistics::{DayStatistics, TableSize};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a day's row is kept: a year can be compared with the one before.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    statistics: DayStatistics,
    expires_at: i64,
}

impl Directory {
    /// Stores a day's statistics over whatever is there of that day.
    pub async fn put_statistics(&self, statistics: &DayStatistics) -> Result<(), ServiceError> {
        let row = Row {
            statistics: statistics.clone(),
            expires_at: (statistics.gathered_at + KEPT).as_second(),
        };
        self.table.put(&keys::statistics(&statistics.day), &row).await
    }

    /// The statistics of these days (`2026-01-02`, both included), earliest first.
    pub async fn statistics(&self, from: &str, to: &str, limit: usize) -> Result<Vec<DayStatistics>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit,
        };
        let range = Range::Between(from, to);
        let rows = self.table.query::<Row>(keys::STATISTICS, range, walk).await?.items;
        Ok(rows.into_iter().map(|row| row.statistics).collect())
    }

    /// How large the directory's table is, as DynamoDB counted some hours ago.
    pub async fn directory_size(&self) -> Result<TableSize, ServiceError> {
        size(&self.table).await
    }

    /// How large the outbox's table is, as DynamoDB counted some hours ago.
    pub async fn outbox_size(&self) -> Result<TableSize, ServiceError> {
        size(&self.outbox).await
    }
}

impl OrgTable {
    /// How large the table is, as DynamoDB counted some hours ago.
    pub async fn size(&self) -> Result<TableSize, ServiceError> {
        size(&self.table).await
    }
}

async fn size(table: &Table) -> Result<TableSize, ServiceError> {
    let call = table.client.describe_table().table_name(&table.name);
    let table = call.send().await.map_err(failed)?.table;
    let figure = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    Ok(TableSize {
        items: figure(table.as_ref().and_then(|table| table.item_count)),
        bytes: figure(table.as_ref().and_then(|table| table.table_size_bytes)),
    })
}
