//! Dead-letter queues: where messages go that are given up, with the reason beside the original text.

use crate::Queue;
use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_sqs::types::MessageAttributeValue;
use domain::ServiceError;
use lambda::{DeadLetters, Delivery};
use std::collections::HashMap;

/// Longest reason, in characters: enough for a sentence, far below what a message may hold.
const MAX_REASON: usize = 256;

/// The dead-letter queue of each queue, by the queue's name.
pub struct DeadLetterQueues(HashMap<String, Queue>);

impl DeadLetterQueues {
    /// The names of queues, each with the address of its dead-letter queue.
    pub fn new(aws: &SdkConfig, pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let pairs = pairs.into_iter();
        Self(pairs.map(|(queue, dead)| (queue, Queue::new(aws, dead))).collect())
    }

    /// Reads the addresses from the environment: pairs of variables, the queue's and its dead-letter queue's.
    pub fn from_env(aws: &SdkConfig, pairs: &[(&str, &str)]) -> Result<Self, lambda::StartError> {
        let pair = |(queue, dead): &(&str, &str)| {
            let name = lambda::env(queue)?.rsplit('/').next().unwrap_or_default().to_owned();
            Ok((name, lambda::env(dead)?))
        };
        let pairs = pairs.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(aws, pairs))
    }
}

impl DeadLetters for DeadLetterQueues {
    async fn send(&self, delivery: &Delivery, reason: &str) -> Result<(), lambda::Error> {
        let queue = self
            .0
            .get(&delivery.queue)
            .ok_or_else(|| format!("{} has no dead-letter queue", delivery.queue))?;
        let call = queue
            .client
            .send_message()
            .queue_url(&queue.url)
            .message_body(&delivery.body);
        let call = call
            .message_attributes("reason", text(reason)?)
            .message_attributes("source", text(&delivery.queue)?);
        let call = match &delivery.group {
            Some(group) => call.message_group_id(group).message_deduplication_id(&delivery.id),
            None => call,
        };
        call.send().await.map_err(failed)?;
        Ok(())
    }
}

/// A text attribute; SQS takes no empty ones, and only characters that XML can hold (AWS "SendMessage").
pub(crate) fn text(value: &str) -> Result<MessageAttributeValue, ServiceError> {
    let value: String = value
        .chars()
        .filter(|c| !c.is_control() && !"\u{fffe}\u{ffff}".contains(*c))
        .take(MAX_REASON)
        .collect();
    let value = if value.is_empty() { "unknown".to_owned() } else { value };
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build();
    attribute.map_err(|error| ServiceError::Failed(error.to_string()))
}
