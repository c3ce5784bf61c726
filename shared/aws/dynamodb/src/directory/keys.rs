//! API keys: a row under the key, which the authorizer reads, and one under the organisation, which lists; written together.

use super::Directory;
use super::credentials::StoredKey;
use crate::cell::{number, text};
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::credential::{FormerSecret, TokenHash};
use domain::networks::SourceNetworks;
use domain::text::Name;
use domain::{KeyId, OrgId, Permission, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
    /// Where it may be used from.
    #[serde(default)]
    pub networks: SourceNetworks,
    /// Until when the secret before the latest rotation is good, where there was an overlap.
    #[serde(default)]
    pub former_until: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Counts its changes, from 1; the `ETag`. 0 for a key from before keys could change.
    #[serde(default)]
    pub version: u64,
}

/// What of a key changes in its life, as the authorizer needs it.
#[derive(Serialize)]
struct Terms<'a> {
    hash: &'a TokenHash,
    former: &'a Option<FormerSecret>,
    scopes: &'a [Permission],
    expires: Option<Timestamp>,
    networks: &'a SourceNetworks,
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

    /// Stores a key's new state over the version before. `Refused::Write(0)`: it has another version by now, or is revoked.
    pub async fn update_key(
        &self,
        table: &OrgTable,
        change: Change,
        key: &ApiKey,
        stored: &StoredKey,
    ) -> Result<(), Refused> {
        // Not the whole row: when it was last used is the authorizer's to write.
        let terms = Terms {
            hash: &stored.hash,
            former: &stored.former,
            scopes: &stored.scopes,
            expires: stored.expires,
            networks: &stored.networks,
        };
        let guard = Guard::version(key.version - 1);
        let change = change
            .put(&self.table, &keys::key(table.org(), key.id), key, guard)?
            .set(&self.table, &keys::key_credential(key.id), &terms, Guard::Present)?;
        table.commit(change).await
    }

    /// One key.
    pub async fn key(&self, org: OrgId, id: KeyId) -> Result<Option<ApiKey>, ServiceError> {
        self.table.get(&keys::key(org, id)).await
    }

    /// A key as the authorizer reads it.
    pub async fn stored_key(&self, id: KeyId) -> Result<Option<StoredKey>, ServiceError> {
        self.table.get(&keys::key_credential(id)).await
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

    /// The second since the epoch at which each of these keys was last noted to be used; those that never were are left out.
    pub async fn key_uses(&self, ids: &[KeyId]) -> Result<HashMap<KeyId, i64>, ServiceError> {
        let wanted: Vec<_> = ids.iter().map(|id| keys::key_credential(*id)).collect();
        let found = self.table.get_many(&wanted).await?;
        let used = found.iter().filter_map(|item| {
            let id = text(item, "pk")?.strip_prefix("KEY#")?.parse().ok()?;
            Some((id, number(item, keys::LAST_USED_AT)?))
        });
        Ok(used.collect())
    }

    /// Notes that a key is used at that second, unless that was noted at `since` or later, or the key is revoked.
    pub async fn note_key_use(&self, id: KeyId, at: i64, since: i64) -> Result<(), ServiceError> {
        let second = |second: i64| AttributeValue::N(second.to_string());
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::key_credential(id).cells()))
            .update_expression("SET #at = :at")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(#at) OR #at < :since)")
            .expression_attribute_names("#at", keys::LAST_USED_AT)
            .expression_attribute_values(":at", second(at))
            .expression_attribute_values(":since", second(since));
        match update.send().await.map(drop).map_err(failed) {
            Err(ServiceError::Conflict) => Ok(()),
            noted => noted,
        }
    }

    /// Revokes a key, its former secret with it: its next request fails.
    pub async fn revoke_key(&self, table: &OrgTable, change: Change, id: KeyId) -> Result<(), Refused> {
        let change = change
            .delete(&self.table, &keys::key(table.org(), id), Guard::Present)?
            .delete(&self.table, &keys::key_credential(id), Guard::None)?;
        table.commit(change).await
    }
}
