//! API keys: a row under the key, which the authorizer reads, and one under the organisation, which lists; written together.

use super::Directory;
use super::credentials::StoredKey;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::text::Name;
use domain::{KeyId, OrgId, Permission, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An API key as its organisation sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: Name,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it ends, where it does.
    pub expires: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

impl Directory {
    /// Stores a new key. Only the hash of its secret comes here.
    pub async fn create_key(
        &self,
        table: &OrgTable,
        change: Change,
        key: &ApiKey,
        stored: &StoredKey,
    ) -> Result<(), Refused> {
        let change = change
            .put(&self.table, &keys::key_credential(key.id), stored, Guard::Absent)?
            .put(&self.table, &keys::key(table.org(), key.id), key, Guard::Absent)?;
        table.commit(change).await
    }

    /// One key.
    pub async fn key(&self, org: OrgId, id: KeyId) -> Result<Option<ApiKey>, ServiceError> {
        self.table.get(&keys::key(org, id)).await
    }

    /// The keys of an organisation, a page of them after `after`.
    pub async fn keys(
        &self,
        org: OrgId,
        after: Option<KeyId>,
        limit: usize,
    ) -> Result<(Vec<ApiKey>, Option<KeyId>), ServiceError> {
        let after = after.map(|id| keys::key(org, id).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        self.table
            .page(&keys::org(org).pk, Range::Prefix("KEY#"), walk, |key: &ApiKey| key.id)
            .await
    }

    /// Revokes a key: its next request fails.
    pub async fn revoke_key(&self, table: &OrgTable, change: Change, id: KeyId) -> Result<(), Refused> {
        let change = change
            .delete(&self.table, &keys::key(table.org(), id), Guard::Present)?
            .delete(&self.table, &keys::key_credential(id), Guard::None)?;
        table.commit(change).await
    }
}
