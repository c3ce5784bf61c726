//! The shared batch runner: works on a batch of queue messages, reports to SQS exactly those that must come again, and sends
//! those given up to the dead-letter queue with the reason.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

/// One message as it was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// SQS's id of the message: the same at every delivery.
    pub id: String,
    /// Its text.
    pub body: String,
    /// The name of the queue it came from.
    pub queue: String,
    /// Its FIFO group; none on a standard queue.
    pub group: Option<String>,
    /// How many times it has been delivered, this one included.
    pub receives: u32,
    /// When staff sent it back from the dead-letter queue, the cause mended; none for a message that they did not.
    pub redriven: Option<Timestamp>,
}

/// The message attribute by which a message says that it was sent back from the dead-letter queue.
pub const REDRIVEN: &str = "redriven";

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or sent on: the message goes.
    Done,
    /// Not this time: SQS shows it again after the visibility time-out.
    Retry(String),
    /// Never: it goes to the dead-letter queue with this reason.
    Reject(String),
}

/// Stands between what an asker may read of a reason and what is for the log and the dead-letter queue.
const CAUSE: &str = "; cause: ";

/// A reason to give a message up: words for its asker, and the cause, which they do not see.
pub fn reason(words: &str, cause: impl std::fmt::Display) -> String {
    format!("{words}{CAUSE}{cause}")
}

/// The part of a reason that is for the asker.
pub fn words_of(reason: &str) -> &str {
    reason.split_once(CAUSE).map_or(reason, |(words, _)| words)
}

/// Works on messages.
pub trait Worker {
    /// One outcome a message, in the order of the batch.
    fn work(&self, batch: &[Delivery]) -> impl Future<Output = Vec<Outcome>>;

    /// Writes where its asker can see it that a message is given up, once it lies in the dead-letter queue. Must bear repetition.
    /// Nobody, unless a worker says otherwise.
    fn give_up(&self, _delivery: &Delivery, _reason: &str) -> impl Future<Output = Result<(), Error>> {
        std::future::ready(Ok(()))
    }
}

/// Works on messages that have nothing to do with each other, side by side; a panic is one message's own.
pub async fn each<'a, F: Future<Output = Outcome>>(
    batch: &'a [Delivery],
    deliver: impl Fn(&'a Delivery) -> F,
) -> Vec<Outcome> {
    futures::future::join_all(batch.iter().map(|delivery| settle(deliver(delivery)))).await
}

/// Where messages go that are given up.
pub trait DeadLetters {
    /// Sends a message to the dead-letter queue of the queue it came from.
    fn send(&self, delivery: &Delivery, reason: &str) -> impl Future<Output = Result<(), Error>>;
}

impl Delivery {
    fn from_message(message: SqsMessage) -> Self {
        let redriven = sent_at(&message).filter(|_| message.message_attributes.contains_key(REDRIVEN));
        let arn = message.event_source_arn.unwrap_or_default();
        Self {
            id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            queue: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            group: message.attributes.get("MessageGroupId").cloned(),
            redriven,
            receives: message
                .attributes
                .get("ApproximateReceiveCount")
                .and_then(|n| n.parse().ok())
                .unwrap_or(1),
        }
    }
}

/// When a message was sent (AWS "ReceiveMessage": `SentTimestamp`, milliseconds since the epoch).
fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    let millis = message.attributes.get("SentTimestamp")?.parse().ok()?;
    Timestamp::from_millisecond(millis).ok()
}

/// Runs a future so that a panic inside it is this message's failure and nobody else's.
pub async fn settle(work: impl Future<Output = Outcome>) -> Outcome {
    let settled = AssertUnwindSafe(work).catch_unwind().await;
    settled.unwrap_or_else(|panic| {
        let panic = panic_text(&*panic);
        // What will be tried again is a warning elsewhere; a panic is a fault of ours whatever comes of it.
        tracing::error!(panic, "work on a message panicked");
        Outcome::Retry(format!("panic: {panic}"))
    })
}

/// What a panic said.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("of an unknown kind")
}

/// Works on one batch. In a FIFO group, what follows a message that must come again must come again too.
pub async fn run_batch(worker: &impl Worker, dead: &impl DeadLetters, event: SqsEvent) -> SqsBatchResponse {
    let batch: Vec<_> = event.records.into_iter().map(Delivery::from_message).collect();
    let outcomes = worker.work(&batch).await;
    let mut blocked = Vec::new();
    let mut response = SqsBatchResponse::default();
    for (n, delivery) in batch.iter().enumerate() {
        // A worker that answers too little has not done the rest.
        let outcome = outcomes
            .get(n)
            .cloned()
            .unwrap_or_else(|| Outcome::Retry("no outcome".into()));
        let behind_a_failure = delivery.group.is_some() && blocked.contains(&delivery.group);
        if behind_a_failure || !finish(worker, dead, delivery, outcome).await {
            blocked.push(delivery.group.clone());
            response.batch_item_failures.push(failure(delivery));
        }
    }
    response
}

/// Whether the message is dealt with.
async fn finish(worker: &impl Worker, dead: &impl DeadLetters, delivery: &Delivery, outcome: Outcome) -> bool {
    let Delivery {
        id, queue, receives, ..
    } = delivery;
    match outcome {
        Outcome::Done => true,
        Outcome::Retry(reason) => {
            tracing::warn!(message = id, queue, receives, reason, "a message must come again");
            false
        }
        Outcome::Reject(reason) => {
            tracing::error!(message = id, queue, receives, reason, "a message is given up");
            // First the letter, then the row: a crash in between leaves a second letter, never none.
            let given_up = async {
                dead.send(delivery, &reason).await?;
                worker.give_up(delivery, &reason).await
            };
            given_up
                .await
                .inspect_err(|error| tracing::error!(message = id, %error, "giving up failed"))
                .is_ok()
        }
    }
}

fn failure(delivery: &Delivery) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier.clone_from(&delivery.id);
    failure
}

/// Serves batches of SQS messages, until Lambda ends the process.
pub async fn serve_batches(worker: impl Worker, dead: impl DeadLetters) -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(run_batch(&worker, &dead, event.payload).await)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Does what each message's body says.
    #[derive(Default)]
    struct Scripted(Mutex<Vec<String>>);

    impl Worker for Scripted {
        async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
            let mut outcomes = Vec::new();
            for delivery in batch {
                outcomes.push(
                    settle(async {
                        match delivery.body.as_str() {
                            "done" => Outcome::Done,
                            "retry" => Outcome::Retry("busy".into()),
                            "reject" => Outcome::Reject("unreadable".into()),
                            other => panic!("{other}"),
                        }
                    })
                    .await,
                );
            }
            outcomes
        }

        async fn give_up(&self, delivery: &Delivery, reason: &str) -> Result<(), Error> {
            self.0
                .lock()
                .unwrap()
                .push(format!("gave up {}: {reason}", delivery.id));
            Ok(())
        }
    }

    impl DeadLetters for Scripted {
        async fn send(&self, delivery: &Delivery, reason: &str) -> Result<(), Error> {
            self.0
                .lock()
                .unwrap()
                .push(format!("dead {} of {}: {reason}", delivery.id, delivery.queue));
            Ok(())
        }
    }

    fn event(messages: &[(&str, Option<&str>)]) -> SqsEvent {
        let records: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(n, (body, group))| {
                let attributes = group.map(|group| ("MessageGroupId", group)).into_iter();
                serde_json::json!({
                    "messageId": n.to_string(), "body": body, "eventSourceARN": "arn:aws:sqs:eu-west-1:1:queue",
                    "attributes": attributes.collect::<std::collections::BTreeMap<_, _>>(), "messageAttributes": {},
                })
            })
            .collect();
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    async fn failures(messages: &[(&str, Option<&str>)]) -> (Vec<String>, Vec<String>) {
        let scripted = Scripted::default();
        let response = run_batch(&scripted, &scripted, event(messages)).await;
        let ids = response
            .batch_item_failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect();
        (ids, scripted.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_message_that_panics_takes_no_neighbour_with_it() {
        let (failed, _) = failures(&[("done", None), ("boom", None), ("done", None)]).await;
        assert_eq!(failed, ["1"]);
    }

    #[tokio::test]
    async fn what_is_given_up_is_laid_with_the_dead_and_told() {
        let (failed, told) = failures(&[("reject", None), ("retry", None)]).await;
        assert_eq!(failed, ["1"]);
        assert_eq!(told, ["dead 0 of queue: unreadable", "gave up 0: unreadable"]);
    }

    #[tokio::test]
    async fn a_group_keeps_its_order_behind_a_failure() {
        let (failed, told) = failures(&[
            ("retry", Some("a")),
            ("reject", Some("a")),
            ("done", Some("b")),
            ("reject", Some("b")),
        ])
        .await;
        assert_eq!(failed, ["0", "1"]);
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
