//! What an organisation has laid down for its uploads: two rows, read with each batch and side by side, a read unit each.

use crate::failure::Failure;
use aws_dynamodb::{Filtered, OrgTable, SettingsStamp};

/// What holds for the uploads of one organisation in one batch.
pub struct Rules {
    /// Which variables have filters.
    pub filtered: Filtered,
    /// The stamp of its stream settings; none where nothing is laid down.
    pub stamp: Option<SettingsStamp>,
}

impl Rules {
    /// Those of that table.
    pub async fn of(table: &OrgTable) -> Result<Self, Failure> {
        let (filtered, stamp) = futures::future::try_join(table.filtered(), table.settings_stamp()).await?;
        Ok(Self { filtered, stamp })
    }
}
