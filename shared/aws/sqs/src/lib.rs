//! SQS: sending to queues, counting what is in them, laying what is given up into dead-letter queues, and taking it out again.
//!
//! The only crate that names `aws-sdk-sqs`. Receiving for a worker is Lambda's affair; see `lambda::serve_batches`.

mod dead_letters;
mod letters;
mod wake;

pub use dead_letters::DeadLetterQueues;
pub use letters::Letter;

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::ServiceError;
use serde::Serialize;
use std::fmt::Debug;
use std::time::Duration;

/// Longest delay of one message (AWS "Amazon SQS message timers").
const MAX_DELAY: Duration = Duration::from_secs(15 * 60);

/// One queue.
#[derive(Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// How many messages are in a queue, about (AWS "GetQueueAttributes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepths {
    /// Waiting.
    pub waiting: u64,
    /// In a worker's hands.
    pub in_flight: u64,
    /// Not to be shown yet.
    pub delayed: u64,
}

impl Queue {
    /// The queue at this address.
    pub fn new(aws: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(aws),
            url,
        }
    }

    /// Sends a message as JSON, to be shown after a delay of at most 15 minutes.
    pub async fn send(&self, message: &impl Serialize, delay: Duration) -> Result<(), ServiceError> {
        self.send_text(json(message)?, delay).await
    }

    /// Sends a message that is written already, to be shown after a delay of at most 15 minutes.
    pub async fn send_text(&self, text: String, delay: Duration) -> Result<(), ServiceError> {
        let seconds = i32::try_from(delay.min(MAX_DELAY).as_secs()).unwrap_or_default();
        let call = self.client.send_message().queue_url(&self.url).message_body(text);
        call.delay_seconds(seconds).send().await.map_err(failed)?;
        Ok(())
    }

    /// Sends a message that is written already to a FIFO queue: messages of one group stay in order, a second one with the same `dedup` within
    /// 5 minutes is dropped.
    pub async fn send_fifo(&self, text: String, group: &str, dedup: &str) -> Result<(), ServiceError> {
        let call = self.client.send_message().queue_url(&self.url).message_body(text);
        call.message_group_id(group)
            .message_deduplication_id(dedup)
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// How many messages there are.
    pub async fn depths(&self) -> Result<QueueDepths, ServiceError> {
        use QueueAttributeName as Name;
        let (waiting, in_flight, delayed) = (
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        );
        let names = Some(vec![waiting.clone(), in_flight.clone(), delayed.clone()]);
        let call = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .set_attribute_names(names);
        let found = call.send().await.map_err(failed)?.attributes.unwrap_or_default();
        let count = |name| found.get(&name).and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(QueueDepths {
            waiting: count(waiting),
            in_flight: count(in_flight),
            delayed: count(delayed),
        })
    }
}

fn json(message: &impl Serialize) -> Result<String, ServiceError> {
    serde_json::to_string(message).map_err(|error| ServiceError::Failed(error.to_string()))
}
