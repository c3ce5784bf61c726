//! One table: typed reads and writes of its items.

use crate::cell::{self, Item};
use crate::keys::Key;
use aws_errors::failed;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::ServiceError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt::Debug;

/// One table.
#[derive(Clone)]
pub(crate) struct Table {
    pub client: Client,
    pub name: String,
}

/// Which sort keys of a partition to read.
pub(crate) enum Range<'a> {
    /// All of them.
    All,
    /// Those that begin with a text.
    Prefix(&'a str),
    /// Those from one text to another, both included.
    Between(&'a str, &'a str),
}

/// In which order, from where, and how many.
pub(crate) struct Walk<'a> {
    pub ascending: bool,
    /// Sort key after which to begin.
    pub after: Option<&'a str>,
    pub limit: usize,
}

/// One page of a query.
pub(crate) struct Slice<T> {
    pub items: Vec<T>,
    /// The sort key of the last item read, where there may be more.
    pub next: Option<String>,
}

/// An item that a newer or broken program wrote.
pub(crate) fn unreadable(error: impl Debug) -> ServiceError {
    ServiceError::Failed(format!("an item cannot be read: {error:?}"))
}

impl Table {
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, ServiceError> {
        self.get_item(key).await?.map(from_item).transpose()
    }

    pub async fn get_item(&self, key: &Key) -> Result<Option<Item>, ServiceError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key.cells())).send().await.map_err(failed)?;
        Ok(answer.item)
    }

    /// Writes one item over whatever is there.
    pub async fn put(&self, key: &Key, value: &impl Serialize) -> Result<(), ServiceError> {
        let item = to_item(key, value)?;
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Writes one item unless there is one; whether it was written.
    pub async fn put_new(&self, key: &Key, value: &impl Serialize) -> Result<bool, ServiceError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_item(key, value)?));
        match put
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map_err(failed)
        {
            Ok(_) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub async fn query<T: DeserializeOwned>(
        &self,
        pk: &str,
        range: Range<'_>,
        walk: Walk<'_>,
    ) -> Result<Slice<T>, ServiceError> {
        let slice = self.query_items(pk, range, walk).await?;
        let items = slice.items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(Slice {
            items,
            next: slice.next,
        })
    }

    /// One page of a list, with the key of its last item where there may be more.
    pub async fn page<T: DeserializeOwned, K>(
        &self,
        pk: &str,
        range: Range<'_>,
        walk: Walk<'_>,
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, Option<K>), ServiceError> {
        let Slice { items, next } = self.query(pk, range, walk).await?;
        let next = next.and_then(|_| items.last().map(key));
        Ok((items, next))
    }

    /// How many items a partition has.
    pub async fn count(&self, pk: &str) -> Result<u64, ServiceError> {
        let (condition, values) = Range::All.condition(pk);
        let query = self.client.query().table_name(&self.name).select(Select::Count);
        let query = query
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values));
        let mut pages = query.into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page.map_err(failed)?.count).unwrap_or(0);
        }
        Ok(count)
    }

    /// The keys of items of one partition, without the rest of them.
    pub async fn keys(&self, pk: &str, range: Range<'_>, walk: Walk<'_>) -> Result<Vec<Key>, ServiceError> {
        let slice = self.query_parts(pk, range, walk, Some("pk, sk")).await?;
        slice.items.iter().map(key_of).collect()
    }

    /// Reads items of one partition, in pages as DynamoDB gives them, until the limit.
    pub async fn query_items(&self, pk: &str, range: Range<'_>, walk: Walk<'_>) -> Result<Slice<Item>, ServiceError> {
        self.query_parts(pk, range, walk, None).await
    }

    async fn query_parts(
        &self,
        pk: &str,
        range: Range<'_>,
        walk: Walk<'_>,
        parts: Option<&str>,
    ) -> Result<Slice<Item>, ServiceError> {
        let (condition, values) = range.condition(pk);
        let mut items: Vec<Item> = Vec::new();
        let mut start = walk.after.map(|sk| {
            Key {
                pk: pk.to_owned(),
                sk: sk.to_owned(),
            }
            .cells()
        });
        loop {
            let left = i32::try_from(walk.limit.saturating_sub(items.len())).unwrap_or(i32::MAX);
            let query = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression(&condition);
            let query = query
                .set_expression_attribute_values(Some(values.clone()))
                .set_exclusive_start_key(start)
                .set_projection_expression(parts.map(str::to_owned));
            let query = query
                .consistent_read(true)
                .scan_index_forward(walk.ascending)
                .limit(left);
            let answer = query.send().await.map_err(failed)?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || items.len() >= walk.limit {
                break;
            }
        }
        let next = start
            .as_ref()
            .and_then(|key| key.get("sk"))
            .and_then(|sk| sk.as_s().ok())
            .cloned();
        Ok(Slice { items, next })
    }
}

impl Range<'_> {
    fn condition(&self, pk: &str) -> (String, HashMap<String, AttributeValue>) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut values = HashMap::from([(":pk".to_owned(), text(pk))]);
        let sort = match self {
            Self::All => "",
            Self::Prefix(prefix) => {
                values.insert(":a".to_owned(), text(prefix));
                " AND begins_with(sk, :a)"
            }
            Self::Between(from, to) => {
                values.insert(":a".to_owned(), text(from));
                values.insert(":b".to_owned(), text(to));
                " AND sk BETWEEN :a AND :b"
            }
        };
        (format!("pk = :pk{sort}"), values)
    }
}

impl Key {
    /// The key as DynamoDB takes it.
    pub fn cells(&self) -> Item {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }
}

fn key_of(item: &Item) -> Result<Key, ServiceError> {
    match (cell::text(item, "pk"), cell::text(item, "sk")) {
        (Some(pk), Some(sk)) => Ok(Key {
            pk: pk.to_owned(),
            sk: sk.to_owned(),
        }),
        _ => Err(unreadable("no key")),
    }
}

/// A value as an item under a key.
pub(crate) fn to_item(key: &Key, value: &impl Serialize) -> Result<Item, ServiceError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(unreadable)?;
    item.retain(|_, cell| !matches!(cell, AttributeValue::Null(_)));
    item.extend(key.cells());
    Ok(item)
}

/// An item as a value; keys are passed over.
pub(crate) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, ServiceError> {
    serde_dynamo::from_item(item).map_err(unreadable)
}
