//! Many items at once. DynamoDB may leave some out of a batch; they are sent again, each time after a longer pause.

use crate::cell::Item;
use crate::keys::Key;
use crate::table::{Table, failed, unreadable};
use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use domain::ServiceError;
use std::time::Duration;

/// Most keys in one BatchGetItem (AWS "BatchGetItem").
const BATCH_GET: usize = 100;
/// Most items in one BatchWriteItem (AWS "BatchWriteItem").
const BATCH_WRITE: usize = 25;
/// How often a batch is sent again for what DynamoDB left out of it.
const BATCH_TRIES: u32 = 6;

impl Table {
    /// The items that exist, keyed; strongly consistent. Sent again for what DynamoDB leaves out.
    pub async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, ServiceError> {
        let mut found = Vec::new();
        for chunk in keys.chunks(BATCH_GET) {
            let mut wanted: Vec<_> = chunk.iter().map(Key::cells).collect();
            for attempt in 0..BATCH_TRIES {
                pause(attempt).await;
                let request = KeysAndAttributes::builder()
                    .set_keys(Some(wanted))
                    .consistent_read(true)
                    .build();
                let request = request.map_err(unreadable)?;
                let call = self.client.batch_get_item().request_items(&self.name, request);
                let answer = call.send().await.map_err(failed)?;
                found.extend(
                    answer
                        .responses
                        .and_then(|mut tables| tables.remove(&self.name))
                        .unwrap_or_default(),
                );
                let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
                wanted = left.map(|left| left.keys).unwrap_or_default();
                if wanted.is_empty() {
                    break;
                }
            }
            if !wanted.is_empty() {
                return Err(ServiceError::Busy("DynamoDB left keys unread".into()));
            }
        }
        Ok(found)
    }

    /// Writes whole items, unconditionally: only for items that are the same whoever writes them.
    pub async fn put_many(&self, items: Vec<Item>) -> Result<(), ServiceError> {
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build().map_err(unreadable)?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for chunk in requests.chunks(BATCH_WRITE) {
            let mut wanted = chunk.to_vec();
            for attempt in 0..BATCH_TRIES {
                pause(attempt).await;
                let call = self.client.batch_write_item().request_items(&self.name, wanted);
                let answer = call.send().await.map_err(failed)?;
                wanted = answer
                    .unprocessed_items
                    .and_then(|mut left| left.remove(&self.name))
                    .unwrap_or_default();
                if wanted.is_empty() {
                    break;
                }
            }
            if !wanted.is_empty() {
                return Err(ServiceError::Busy("DynamoDB left items unwritten".into()));
            }
        }
        Ok(())
    }
}

/// Waits longer before each further try: 0, 20, 40, 80 ... milliseconds.
async fn pause(attempt: u32) {
    if attempt > 0 {
        tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
    }
}
