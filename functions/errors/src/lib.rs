//! Notices unexpected errors: CloudWatch Logs sends it the lines in which another function tells of one; it counts each kind and tells
//! staff of the first of each.
//!
//! Unexpected is what is logged at level ERROR, and what Lambda itself says of a function that ran out of time or ended. What a caller did
//! wrong is no error here, nor is what will be tried again; work that is given up is. Its own log is not subscribed to: it would hear itself.
//!
//! **Told once.** The first sighting's row says until when whoever counted it has the time to tell; a later one tells if it was not. A notice
//! whose sending is cut off after SNS took it is sent again.

mod line;
mod notice;
mod plain;
mod sightings;

use aws_dynamodb::{Counted, Directory, ErrorKind, Sighting};
use aws_lambda_events::event::cloudwatch_logs::LogsEvent;
use aws_sns::Topic;
use domain::{ServiceError, Source};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;

/// How long one has for telling staff. More than the function's time-out, so that nobody else tells meanwhile; less than the minute after which
/// Lambda runs a failed invocation again ("How Lambda handles errors and retries with asynchronous invocation").
const TO_TELL: SignedDuration = SignedDuration::from_secs(50);

/// Where kinds of errors are counted.
pub trait Counts {
    /// Counts a sighting; whoever makes the first has until `due` to tell staff.
    fn count(
        &self,
        sighting: &Sighting,
        now: Timestamp,
        due: Timestamp,
    ) -> impl Future<Output = Result<Counted, ServiceError>>;

    /// Takes over telling staff where it is overdue; whether this caller must.
    fn claim(
        &self,
        kind: &ErrorKind,
        now: Timestamp,
        due: Timestamp,
    ) -> impl Future<Output = Result<bool, ServiceError>>;

    /// Notes that staff have been told.
    fn told(&self, kind: &ErrorKind, now: Timestamp) -> impl Future<Output = Result<(), ServiceError>>;
}

/// Who is told.
pub trait Staff {
    /// Tells them, at least once.
    fn tell(&self, subject: &str, text: &str) -> impl Future<Output = Result<(), ServiceError>>;
}

impl Counts for Directory {
    async fn count(&self, sighting: &Sighting, now: Timestamp, due: Timestamp) -> Result<Counted, ServiceError> {
        self.count_error(sighting, now, due).await
    }

    async fn claim(&self, kind: &ErrorKind, now: Timestamp, due: Timestamp) -> Result<bool, ServiceError> {
        self.claim_telling(kind, now, due).await
    }

    async fn told(&self, kind: &ErrorKind, now: Timestamp) -> Result<(), ServiceError> {
        self.error_notified(kind, now).await
    }
}

impl Staff for Topic {
    async fn tell(&self, subject: &str, text: &str) -> Result<(), ServiceError> {
        self.publish(subject, text).await
    }
}

/// What the function works with.
pub struct App<C, S> {
    /// Where kinds of errors are counted.
    pub counts: C,
    /// Who is told of new ones.
    pub staff: S,
    /// The name of this deployment, for the notice.
    pub stage: String,
    /// The time.
    pub source: Source,
}

impl<C: Counts, S: Staff> App<C, S> {
    /// Deals with a batch of lines. Every kind is dealt with, also when one before it could not be; then the batch fails, and Lambda brings it again.
    pub async fn handle(&self, event: LogsEvent) -> Result<(), ServiceError> {
        let mut outcome = Ok(());
        for sighting in sightings::sightings(&event.aws_logs.data) {
            outcome = self.notice(&sighting).await.and(outcome);
        }
        outcome
    }

    async fn notice(&self, sighting: &Sighting) -> Result<(), ServiceError> {
        let now = self.source.now();
        let (kind, mine) = match self.counts.count(sighting, now, now + TO_TELL).await? {
            Counted::First(kind) => (kind, true),
            Counted::Again(kind) => {
                let mine = self.counts.claim(&kind, now, now + TO_TELL).await?;
                (kind, mine)
            }
        };
        if mine {
            let (subject, text) = notice::notice(&self.stage, &kind);
            self.staff.tell(&subject, &text).await?;
            self.counts.told(&kind, self.source.now()).await?;
        }
        Ok(())
    }
}
