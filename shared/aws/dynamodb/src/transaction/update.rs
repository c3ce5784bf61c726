//! Writes that change parts of an item and leave the rest.

use super::{Change, Guard};
use crate::cell::Item;
use crate::keys::Key;
use crate::table::{Table, unreadable};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::ServiceError;
use serde::Serialize;
use std::collections::BTreeMap;

impl Change {
    /// Sets the attributes that `value` has and leaves the item's others; those that are `None` in it are taken away.
    pub(crate) fn set(
        self,
        table: &Table,
        key: &Key,
        value: &impl Serialize,
        guard: Guard,
    ) -> Result<Self, ServiceError> {
        let cells: Item = serde_dynamo::to_item(value).map_err(unreadable)?;
        let mut update = Update::builder().table_name(&table.name).set_key(Some(key.cells()));
        let (mut sets, mut removes) = (Vec::new(), Vec::new());
        for (nth, (name, cell)) in cells.into_iter().collect::<BTreeMap<_, _>>().into_iter().enumerate() {
            update = update.expression_attribute_names(format!("#{nth}"), name);
            if matches!(cell, AttributeValue::Null(_)) {
                removes.push(format!("#{nth}"));
            } else {
                sets.push(format!("#{nth} = :{nth}"));
                update = update.expression_attribute_values(format!(":{nth}"), cell);
            }
        }
        let clause = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        let expression = clause("SET", &sets) + &clause("REMOVE", &removes);
        update = update.update_expression(expression.trim_end());
        update = update.set_condition_expression(guard.expression().map(str::to_owned));
        for (name, value) in guard.values().into_iter().flatten() {
            update = update.expression_attribute_values(name, value);
        }
        self.update(update)
    }

    /// Adds to the number of devices of a project that must be there, which makes a new version of it.
    pub(crate) fn count(self, table: &Table, key: &Key, by: i64) -> Result<Self, ServiceError> {
        let update = counting(table, key, by).condition_expression("attribute_exists(pk)");
        self.update(update)
    }

    /// Counts a device that registers itself into a project that lets it, and that has fewer than `most`.
    pub(crate) fn count_in(self, table: &Table, key: &Key, most: u64) -> Result<Self, ServiceError> {
        let update = counting(table, key, 1)
            .condition_expression("self_registration = :yes AND devices < :most")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":most", AttributeValue::N(most.to_string()));
        self.update(update)
    }

    /// Counts a filter of a project that must be there, in or out, which makes a new version of it.
    pub(crate) fn count_filter(self, table: &Table, key: &Key, by: i64) -> Result<Self, ServiceError> {
        let update = adding(table, key, by, "ADD filters :by, version :one");
        self.update(update.condition_expression("attribute_exists(pk)"))
    }

    /// Counts a filter of a variable in or out, where there are fewer than `most` in all.
    pub(crate) fn count_filtered(
        self,
        table: &Table,
        key: &Key,
        (variable, by): (&str, i64),
        most: u64,
    ) -> Result<Self, ServiceError> {
        let update = Update::builder()
            .table_name(&table.name)
            .set_key(Some(key.cells()))
            .update_expression("ADD filters :by, #variable :by")
            .condition_expression("attribute_not_exists(filters) OR filters < :most")
            .expression_attribute_names("#variable", variable)
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .expression_attribute_values(":most", AttributeValue::N(most.to_string()));
        self.update(update)
    }

    fn update(mut self, update: UpdateBuilder) -> Result<Self, ServiceError> {
        let update = update.build().map_err(unreadable)?;
        self.writes.push(TransactWriteItem::builder().update(update).build());
        Ok(self)
    }
}

fn counting(table: &Table, key: &Key, by: i64) -> UpdateBuilder {
    adding(table, key, by, "ADD devices :by, version :one")
}

fn adding(table: &Table, key: &Key, by: i64, expression: &str) -> UpdateBuilder {
    Update::builder()
        .table_name(&table.name)
        .set_key(Some(key.cells()))
        .update_expression(expression)
        .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;
    use aws_config::{BehaviorVersion, SdkConfig};
    use serde_json::json;

    #[test]
    fn what_is_named_is_set_or_taken_away_and_nothing_else_is_touched() {
        let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let table = crate::Directory::new(&aws, "directory".to_owned(), "outbox".to_owned()).table;
        let key = keys::org("org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap());
        let value = json!({ "name": "n", "end": null });
        let change = Change::silent().set(&table, &key, &value, Guard::Version(3)).unwrap();
        let update = change.writes.first().and_then(|write| write.update.clone()).unwrap();
        assert_eq!(update.update_expression(), "SET #1 = :1 REMOVE #0");
        assert_eq!(update.condition_expression(), Some("version = :guard"));
        let names = update.expression_attribute_names().unwrap();
        assert_eq!((names["#0"].as_str(), names["#1"].as_str()), ("end", "name"));
        let values = update.expression_attribute_values().unwrap();
        assert_eq!(values.len(), 2);
        assert_eq!(values[":1"].as_s().unwrap(), "n");
    }
}
