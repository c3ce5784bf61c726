//! Deletion: S3 objects that somebody named on a topic, `[{uuid, bucket, key}]`.
//!
//! Topic -> queue. Deleting is idempotent by nature: an object that is gone stays gone, so a message that comes twice, or comes again since
//! S3 deleted a part of it, does no harm. What may be deleted is the system's own bucket below certain prefixes; an entry outside of them,
//! or that cannot be read, is refused, and the message laid into the dead-letter queue with the reason once the rest of it is deleted.
//! Nobody may write anew at a key that is named here: a message that is redriven would delete that too.

mod wish;

pub use wish::Bounds;

use aws_s3::Bucket;
use lambda::{Delivery, Outcome, Worker, each};

/// What the worker works with.
pub struct App {
    /// The bucket objects are deleted from.
    pub storage: Bucket,
    /// Where in it, and its name.
    pub bounds: Bounds,
}

impl Worker for App {
    async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
        each(batch, |delivery| self.deliver(delivery)).await
    }
}

impl App {
    async fn deliver(&self, delivery: &Delivery) -> Outcome {
        let wish = match self.bounds.read(&lambda::published(&delivery.body)) {
            Ok(wish) => wish,
            Err(unreadable) => return Outcome::Reject(unreadable.to_string()),
        };
        let keys: Vec<_> = wish.keys.iter().cloned().collect();
        match self.storage.delete_all(keys).await {
            Err(error) => Outcome::again(delivery, error),
            Ok(()) => wish.reason().map_or(Outcome::Done, Outcome::Reject),
        }
    }
}
