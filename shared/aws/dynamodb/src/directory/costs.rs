//! What AWS has billed, a row for each day on which it was read, kept for 400 days.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use domain::ServiceError;
use domain::costs::Costs;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a day's row is kept: a month can be compared with that of the year before.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    costs: Costs,
    expires_at: i64,
}

impl Directory {
    /// Stores what was billed up to a day over whatever is there of that day.
    pub async fn put_costs(&self, costs: &Costs) -> Result<(), ServiceError> {
        let row = Row {
            costs: costs.clone(),
            expires_at: (costs.read_at + KEPT).as_second(),
        };
        self.table.put(&keys::costs(&costs.day.to_string()), &row).await
    }

    /// What was billed up to the latest day that is no later than this one (`2026-01-02`); none where nothing was read.
    pub async fn costs(&self, day: &str) -> Result<Option<Costs>, ServiceError> {
        let walk = Walk {
            ascending: false,
            after: None,
            limit: 1,
        };
        // No day comes before this one.
        let range = Range::Between("0", day);
        let rows = self.table.query::<Row>(keys::COSTS, range, walk).await?.items;
        Ok(rows.into_iter().next().map(|row| row.costs))
    }
}
