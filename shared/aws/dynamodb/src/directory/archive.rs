//! How far each organisation's journal was copied to the archive: a row each, all of them in one partition, since every round reads them all.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk};
use domain::{OrgId, ServiceError};
use serde::{Deserialize, Serialize};

/// How far a journal was copied: a hint, which the archive's own objects outrank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// The organisation.
    pub org: OrgId,
    /// Of which generation of the organisation's table.
    pub generation: u32,
    /// The place of the last entry that was copied; 0 for none.
    pub sequence: u64,
    /// Its hash.
    pub hash: String,
}

impl Archived {
    /// Nothing of a generation.
    pub fn nothing(org: OrgId, generation: u32) -> Self {
        Self {
            org,
            generation,
            sequence: 0,
            hash: String::new(),
        }
    }
}

impl Directory {
    /// How far each organisation's journal was copied.
    pub async fn archived(&self) -> Result<Vec<Archived>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        Ok(self.table.query(keys::ARCHIVED, Range::All, walk).await?.items)
    }

    /// Notes how far a journal was copied.
    pub async fn put_archived(&self, archived: &Archived) -> Result<(), ServiceError> {
        self.table.put(&keys::archived(archived.org), archived).await
    }
}
