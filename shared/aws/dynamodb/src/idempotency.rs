//! Records of requests with an `Idempotency-Key`: each lies in the table that its change is written to, by [`Directory`] or by [`OrgTable`].

use crate::table::{Table, to_item, unreadable};
use crate::transaction::Change;
use crate::{Directory, OrgTable, keys};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::ServiceError;
use domain::idempotency::{KEPT, Record, Records};

impl Directory {
    /// Commits a record with a change of the directory. When the change is refused, look whether the record is there by now.
    pub fn remember(&self, change: Change, record: Option<Record>) -> Result<Change, ServiceError> {
        change.remember(&self.table, record)
    }
}

impl OrgTable {
    /// Commits a record with a change of the organisation's table. When the change is refused, look whether the record is there by now.
    pub fn remember(&self, change: Change, record: Option<Record>) -> Result<Change, ServiceError> {
        change.remember(&self.table, record)
    }
}

impl Records for Directory {
    async fn record(&self, id: &str) -> Result<Option<Record>, ServiceError> {
        self.table.get(&keys::idempotency(id)).await
    }
}

impl Records for OrgTable {
    async fn record(&self, id: &str) -> Result<Option<Record>, ServiceError> {
        self.table.get(&keys::idempotency(id)).await
    }
}

impl Change {
    /// Adds a record under the condition that there is none, or only one that had expired when this one was made.
    fn remember(mut self, table: &Table, record: Option<Record>) -> Result<Self, ServiceError> {
        let Some(record) = record else { return Ok(self) };
        let made_at = record.expires_at.saturating_sub(KEPT.as_secs());
        let put = Put::builder()
            .table_name(&table.name)
            .set_item(Some(to_item(&keys::idempotency(&record.id), &record)?))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", AttributeValue::N(made_at.to_string()))
            .build()
            .map_err(unreadable)?;
        self.record = Some(TransactWriteItem::builder().put(put).build());
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::{BehaviorVersion, SdkConfig};
    use domain::idempotency::Answer;

    /// The condition is the whole of "exactly once": without it two requests with one key would both commit.
    #[test]
    fn a_record_commits_unless_there_is_one_that_counts() {
        let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let directory = Directory::new(&aws, "directory".to_owned(), "outbox".to_owned());
        let record = Record {
            id: "ab12".to_owned(),
            fingerprint: "cd34".to_owned(),
            answer: Answer {
                status: 201,
                location: None,
                etag: None,
                body: "{}".to_owned(),
            },
            expires_at: 1000 + KEPT.as_secs(),
        };
        let change = directory.remember(Change::silent(), Some(record.clone())).unwrap();
        let put = change.record.unwrap().put.unwrap();
        assert_eq!(put.table_name(), "directory");
        assert_eq!(
            put.condition_expression(),
            Some("attribute_not_exists(pk) OR expires_at <= :now")
        );
        let now = put.expression_attribute_values().unwrap()[":now"].as_n().unwrap();
        assert_eq!(now, "1000");
        assert_eq!(put.item()["pk"].as_s().unwrap(), "IDEMPOTENCY#ab12");
        let stored: Record = crate::table::from_item(put.item().clone()).unwrap();
        assert_eq!(stored, record);
        assert!(directory.remember(Change::silent(), None).unwrap().record.is_none());
    }
}
