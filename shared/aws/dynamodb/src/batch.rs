//! Many items at once. DynamoDB may leave some out of a batch; they are sent again, each time after a longer pause.

use crate::cell::Item;
use crate::keys::Key;
use crate::table::{Table, unreadable};
use aws_errors::failed;
use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use domain::ServiceError;
use std::time::Duration;

/// Most keys in one BatchGetItem (AWS "BatchGetItem").
const BATCH_GET: usize = 100;
/// Most items in one BatchWriteItem (AWS "BatchWriteItem").
const BATCH_WRITE: usize = 25;
/// How often a batch of reads is sent for what DynamoDB left out of it: somebody waits for them.
const BATCH_TRIES: u32 = 6;
/// How many batches of writes are on their way at once: one after the other, a great upload would not be done before its worker has to be.
const WRITES_AT_ONCE: usize = 4;
/// How often a batch of writes is sent for what DynamoDB left out of it.
const WRITE_TRIES: u32 = 8;

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
        self.write_many(&requests).await
    }

    /// Deletes items; those that are not there are deleted already.
    pub async fn delete_many(&self, keys: &[Key]) -> Result<(), ServiceError> {
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder().set_key(Some(key.cells())).build();
            let delete = delete.map_err(unreadable)?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        self.write_many(&requests).await
    }

    async fn write_many(&self, requests: &[WriteRequest]) -> Result<(), ServiceError> {
        let lane = async |nth: usize| {
            for chunk in requests.chunks(BATCH_WRITE).skip(nth).step_by(WRITES_AT_ONCE) {
                // On the heap: four calls' futures side by side would fill their callers' stacks.
                Box::pin(self.put_chunk(chunk.to_vec())).await?;
            }
            Ok::<_, ServiceError>(())
        };
        tokio::try_join!(lane(0), lane(1), lane(2), lane(3)).map(drop)
    }

    /// Writes as much as one call takes, and waits longer for what DynamoDB leaves out than a reader would.
    async fn put_chunk(&self, mut wanted: Vec<WriteRequest>) -> Result<(), ServiceError> {
        for attempt in 0..WRITE_TRIES {
            tokio::time::sleep(write_pause(attempt)).await;
            let call = self.client.batch_write_item().request_items(&self.name, wanted);
            let answer = call.send().await.map_err(failed)?;
            wanted = answer
                .unprocessed_items
                .and_then(|mut left| left.remove(&self.name))
                .unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
        }
        Err(ServiceError::Busy("DynamoDB left items unwritten".into()))
    }
}

/// Waits longer before each further try: 0, 20, 40, 80 ... milliseconds.
async fn pause(attempt: u32) {
    if attempt > 0 {
        tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
    }
}

/// How long to wait before a further try to write: 0, 40, 80, 160 ... milliseconds.
fn write_pause(attempt: u32) -> Duration {
    Duration::from_millis(if attempt > 0 { 20 << attempt } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_waits_about_five_seconds_in_all() {
        let waited: Duration = (0..WRITE_TRIES).map(write_pause).sum();
        assert_eq!(waited, Duration::from_millis(5_080));
    }
}
