//! The keys of pseudonyms: of a person in their row, of an organisation's machines in its own. They go with these rows, and are copied nowhere.

use super::Directory;
use crate::cell::{Item, text};
use crate::keys;
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::journal::PseudonymKey;
use domain::{OrgId, ServiceError, Source, UserId};
use std::collections::HashMap;

impl Directory {
    /// Gives a person a key who has none yet. [`ServiceError::Conflict`]: there is no such person.
    pub async fn ensure_pseudonym_key(&self, user: UserId, source: &Source) -> Result<(), ServiceError> {
        self.ensure_key(&keys::user(user), keys::PSEUDONYM_KEY, source).await
    }

    /// Gives an organisation a key for its machines that has none yet. [`ServiceError::Conflict`]: there is no such organisation.
    pub async fn ensure_machine_key(&self, org: OrgId, source: &Source) -> Result<(), ServiceError> {
        self.ensure_key(&keys::org(org), keys::MACHINE_KEY, source).await
    }

    /// The keys of people, of those who are there and have one.
    pub async fn pseudonym_keys(&self, users: &[UserId]) -> Result<HashMap<UserId, PseudonymKey>, ServiceError> {
        let wanted: Vec<_> = users.iter().map(|user| keys::user(*user)).collect();
        let found = self.table.get_many(&wanted).await?;
        let keyed = |item: &Item| Some((text(item, "id")?.parse().ok()?, pseudonym_key(item)?));
        Ok(found.iter().filter_map(keyed).collect())
    }

    async fn ensure_key(&self, row: &keys::Key, attribute: &str, source: &Source) -> Result<(), ServiceError> {
        let read = self.table.client.get_item().table_name(&self.table.name);
        let read = read.set_key(Some(row.cells())).consistent_read(true);
        let found = read.send().await.map_err(failed)?.item;
        if found.is_some_and(|item| item.contains_key(attribute)) {
            return Ok(());
        }
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(row.cells()))
            // Of two at one moment the first counts.
            .update_expression("SET #key = if_not_exists(#key, :key)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#key", attribute)
            .expression_attribute_values(":key", AttributeValue::S(PseudonymKey::new(source).into()));
        update.send().await.map(drop).map_err(failed)
    }
}

/// The key in a person's row.
pub(super) fn pseudonym_key(item: &Item) -> Option<PseudonymKey> {
    text(item, keys::PSEUDONYM_KEY)?.to_owned().try_into().ok()
}
