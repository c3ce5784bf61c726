//! Mail feedback: what SES tells of our mails (sent, bounced, complained of), taken down in the directory.
//!
//! SES -> SNS topic -> queue. An event may come twice and in any order: the first mark of an address and the first word of a notice stay,
//! and a complaint outweighs a bounce. What cannot be read is laid into the dead-letter queue with the reason. Addresses are stored as
//! hashes, and no log names one. To heed another kind of event: an arm in `event.rs`.

mod event;

use aws_dynamodb::Directory;
use domain::ServiceError;
use domain::mail::AddressHash;
use event::Feedback;
use lambda::{Delivery, Outcome, Worker, each};

/// What the worker works with.
pub struct App {
    /// Where addresses that take no mail are marked, and notices that went out.
    pub directory: Directory,
}

impl Worker for App {
    async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
        each(batch, |delivery| self.deliver(delivery)).await
    }
}

impl App {
    async fn deliver(&self, delivery: &Delivery) -> Outcome {
        let feedback = match event::read(&lambda::published(&delivery.body)) {
            Ok(feedback) => feedback,
            Err(unreadable) => return Outcome::Reject(unreadable.to_string()),
        };
        match self.take_down(feedback).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::again(delivery, error),
        }
    }

    async fn take_down(&self, feedback: Feedback) -> Result<(), ServiceError> {
        if let Some((notice, at)) = feedback.sent {
            self.directory.notice_sent(&notice, at).await?;
        }
        if let Some((state, at, addresses)) = feedback.stopped {
            for address in addresses {
                self.directory.mark_mail(&AddressHash::of(&address), state, at).await?;
            }
            tracing::info!(?state, "an address takes no more mail");
        }
        Ok(())
    }
}
