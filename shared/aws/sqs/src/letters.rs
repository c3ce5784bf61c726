//! Letters: what lies in a dead-letter queue, looked at and sent back to where it came from.
//!
//! SQS has no way to look without taking: a letter that is read is hidden from everybody until it is put back or its time is up.

use crate::Queue;
use crate::dead_letters::text;
use aws_errors::failed;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName as Attribute};
use domain::ServiceError;
use jiff::Timestamp;
use std::time::Duration;

/// Most letters one call takes (AWS "ReceiveMessage").
const MOST: i32 = 10;
/// Seconds to wait for a letter: any wait has SQS ask all of its servers, and none only a sample (AWS "Amazon SQS short and long polling").
const WAIT: i32 = 1;

/// One message that was given up.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// SQS's id of it; the same whoever takes it and how often.
    pub id: String,
    /// The message's text. May hold customers' data: not for logs, and not for operators.
    pub body: String,
    /// Why it was given up; none where SQS moved it by itself, after too many deliveries.
    pub reason: Option<String>,
    /// The name of the queue it came from.
    pub source: Option<String>,
    /// When it was sent: to the dead-letter queue, or, where SQS moved it, to the queue it came from.
    pub sent_at: Option<Timestamp>,
    group: Option<String>,
    receipt: String,
}

impl Queue {
    /// Takes up to ten letters and hides them for a while; none when there are none to be had. Of one FIFO group, the next ones come only
    /// when those before are removed or put back.
    pub async fn take(&self, hidden_for: Duration) -> Result<Vec<Letter>, ServiceError> {
        let call = self.client.receive_message().queue_url(&self.url);
        let call = call.max_number_of_messages(MOST).wait_time_seconds(WAIT);
        let call = call.visibility_timeout(i32::try_from(hidden_for.as_secs()).unwrap_or(i32::MAX));
        let call = call.message_attribute_names("All");
        let answer = call.message_system_attribute_names(Attribute::All).send().await;
        let messages = answer.map_err(failed)?.messages.unwrap_or_default();
        Ok(messages.into_iter().filter_map(Letter::from_message).collect())
    }

    /// Shows letters again at once. One that cannot be is shown when its time is up.
    pub async fn put_back(&self, letters: &[Letter]) -> Result<(), ServiceError> {
        for chunk in letters.chunks(MOST.unsigned_abs() as usize) {
            let entries = chunk.iter().enumerate().map(|(n, letter)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
                let entry = entry.receipt_handle(&letter.receipt).visibility_timeout(0).build();
                entry.map_err(|error| ServiceError::Failed(error.to_string()))
            });
            let call = self.client.change_message_visibility_batch().queue_url(&self.url);
            let call = call.set_entries(Some(entries.collect::<Result<_, _>>()?));
            call.send().await.map_err(failed)?;
        }
        Ok(())
    }

    /// Removes a letter for good.
    pub async fn remove(&self, letter: &Letter) -> Result<(), ServiceError> {
        let call = self.client.delete_message().queue_url(&self.url);
        call.receipt_handle(&letter.receipt).send().await.map_err(failed)?;
        Ok(())
    }

    /// Sends a letter's message to this queue, the one it came from. To a FIFO queue it goes in its old group and under an id that follows
    /// from the letter's, so that sending it twice within five minutes is sending it once. It says that it was sent back.
    pub async fn send_again(&self, letter: &Letter) -> Result<(), ServiceError> {
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(&letter.body)
            .message_attributes(lambda::REDRIVEN, text("yes")?);
        let call = match letter.group.as_ref().filter(|_| self.url.ends_with(".fifo")) {
            Some(group) => call.message_group_id(group).message_deduplication_id(&letter.id),
            None => call,
        };
        call.send().await.map_err(failed)?;
        Ok(())
    }
}

impl Letter {
    /// The letter without its text, to put it back later or not at all.
    #[must_use]
    pub fn without_body(self) -> Self {
        let body = String::new();
        Self { body, ..self }
    }

    fn from_message(message: Message) -> Option<Self> {
        let said = message.message_attributes.unwrap_or_default();
        let said = |name| said.get(name).and_then(|value| value.string_value.clone());
        let known = message.attributes.unwrap_or_default();
        let moved_from = known.get(&Attribute::DeadLetterQueueSourceArn);
        let moved_from = moved_from.and_then(|arn| arn.rsplit(':').next()).map(str::to_owned);
        let sent = known.get(&Attribute::SentTimestamp).and_then(|ms| ms.parse().ok());
        Some(Self {
            id: message.message_id?,
            body: message.body.unwrap_or_default(),
            reason: said("reason"),
            source: said("source").or(moved_from),
            sent_at: sent.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            group: known.get(&Attribute::MessageGroupId).cloned(),
            receipt: message.receipt_handle?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sqs::types::MessageAttributeValue;

    fn message() -> aws_sdk_sqs::types::builders::MessageBuilder {
        Message::builder().message_id("m").receipt_handle("r").body("{}")
    }

    #[test]
    fn a_letter_tells_why_and_where_from() {
        let text = |value: &str| {
            let attribute = MessageAttributeValue::builder().data_type("String");
            attribute.string_value(value).build().unwrap()
        };
        let given_up = message()
            .message_attributes("reason", text("no such task"))
            .message_attributes("source", text("millwright-dev-tasks"))
            .attributes(Attribute::SentTimestamp, "1767323045000");
        let letter = Letter::from_message(given_up.build()).unwrap();
        assert_eq!(letter.reason.as_deref(), Some("no such task"));
        assert_eq!(letter.source.as_deref(), Some("millwright-dev-tasks"));
        assert_eq!(letter.sent_at, Timestamp::from_second(1_767_323_045).ok());
    }

    #[test]
    fn a_letter_that_sqs_moved_tells_where_from_and_no_reason() {
        let arn = "arn:aws:sqs:eu-west-1:1:millwright-dev-reports.fifo";
        let moved = message().attributes(Attribute::DeadLetterQueueSourceArn, arn);
        let letter = Letter::from_message(moved.build()).unwrap();
        assert_eq!(letter.reason, None);
        assert_eq!(letter.source.as_deref(), Some("millwright-dev-reports.fifo"));
    }
}
