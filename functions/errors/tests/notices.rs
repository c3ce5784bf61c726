//! The sample of the function's trigger, through the handler: what is counted, and that staff are told once whatever breaks off.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

use aws_dynamodb::{Counted, ErrorKind, Sighting};
use aws_lambda_events::event::cloudwatch_logs::LogsEvent;
use domain::{Clock, Random, ServiceError, Source};
use errors::{App, Counts, Staff};
use jiff::{SignedDuration, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A batch's id and what is known of its kind, by fingerprint.
type Rows = BTreeMap<String, (String, ErrorKind)>;

/// Counts as the directory does.
#[derive(Default, Clone)]
struct Memory(Rc<RefCell<Rows>>);

impl Counts for Memory {
    async fn count(&self, sighting: &Sighting, _: Timestamp, due: Timestamp) -> Result<Counted, ServiceError> {
        let mut rows = self.0.borrow_mut();
        let Some((batch, kind)) = rows.get_mut(&sighting.fingerprint) else {
            let kind = first(sighting, due);
            rows.insert(sighting.fingerprint.clone(), (sighting.batch.clone(), kind.clone()));
            return Ok(Counted::First(kind));
        };
        if *batch != sighting.batch {
            kind.seen += sighting.count;
            batch.clone_from(&sighting.batch);
        }
        Ok(Counted::Again(kind.clone()))
    }

    async fn claim(&self, kind: &ErrorKind, now: Timestamp, due: Timestamp) -> Result<bool, ServiceError> {
        let mut rows = self.0.borrow_mut();
        let (_, row) = rows.get_mut(&kind.fingerprint).unwrap();
        let mine = row.notified_at.is_none() && row.notice_due <= now;
        row.notice_due = if mine { due } else { row.notice_due };
        Ok(mine)
    }

    async fn told(&self, kind: &ErrorKind, now: Timestamp) -> Result<(), ServiceError> {
        self.0.borrow_mut().get_mut(&kind.fingerprint).unwrap().1.notified_at = Some(now);
        Ok(())
    }
}

fn first(sighting: &Sighting, due: Timestamp) -> ErrorKind {
    ErrorKind {
        fingerprint: sighting.fingerprint.clone(),
        function: sighting.function.clone(),
        target: sighting.target.clone(),
        text: sighting.text.clone(),
        seen: sighting.count,
        first_seen: sighting.first_seen,
        last_seen: sighting.last_seen,
        last_request: sighting.request.clone(),
        notice_due: due,
        notified_at: None,
    }
}

/// Staff whom the first notices do not reach.
#[derive(Default, Clone)]
struct Told {
    notices: Rc<RefCell<Vec<(String, String)>>>,
    out_of_reach: Rc<Cell<usize>>,
}

impl Staff for Told {
    async fn tell(&self, subject: &str, text: &str) -> Result<(), ServiceError> {
        if self.out_of_reach.get() > 0 {
            self.out_of_reach.set(self.out_of_reach.get() - 1);
            return Err(ServiceError::Busy("SNS is down".into()));
        }
        self.notices.borrow_mut().push((subject.to_owned(), text.to_owned()));
        Ok(())
    }
}

/// A clock that is set by hand, in seconds.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

struct NoDice;

impl Random for NoDice {
    fn fill(&self, _: &mut [u8]) {}
}

#[derive(Default)]
struct World {
    counts: Memory,
    staff: Told,
    clock: Hands,
}

impl World {
    async fn batch(&self, event: LogsEvent) -> Result<(), ServiceError> {
        let app = App {
            counts: self.counts.clone(),
            staff: self.staff.clone(),
            stage: "dev".to_owned(),
            source: Source::new(self.clock.clone(), NoDice),
        };
        app.handle(event).await
    }

    fn seen(&self) -> Vec<(String, u64)> {
        let rows = self.counts.0.borrow();
        rows.values().map(|(_, kind)| (kind.text.clone(), kind.seen)).collect()
    }

    fn notices(&self) -> usize {
        self.staff.notices.borrow().len()
    }
}

fn sample() -> LogsEvent {
    serde_json::from_str(include_str!("../../../events/errors/errors.json")).unwrap()
}

/// The sample's lines, logged once more.
fn another() -> LogsEvent {
    let mut event = sample();
    for entry in &mut event.aws_logs.data.log_events {
        entry.id = format!("another {}", entry.id);
    }
    event
}

#[tokio::test]
async fn each_kind_is_counted_and_told_once() {
    let world = World::default();
    world.batch(sample()).await.unwrap();
    let kinds = [
        ("# Task timed out after # seconds".to_owned(), 1),
        (
            "request failed: an item cannot be read: Error(Message(#))".to_owned(),
            2,
        ),
    ];
    let mut seen = world.seen();
    seen.sort();
    assert_eq!(seen, kinds);
    world.batch(another()).await.unwrap();
    assert_eq!(world.seen().iter().map(|(_, seen)| seen).sum::<u64>(), 6);
    assert_eq!(world.notices(), 2);
}

#[tokio::test]
async fn a_notice_names_function_and_request_and_nobody() {
    let world = World::default();
    world.batch(sample()).await.unwrap();
    let notices = world.staff.notices.borrow();
    let (subject, text) = notices
        .iter()
        .find(|(_, text)| text.contains("request failed"))
        .unwrap();
    assert_eq!(subject, "Millwright dev: a new error in fleet");
    assert!(text.contains("0f8fad5b-d9cb-469f-a165-70867728950e"), "{text}");
    assert!(!text.contains("ada") && !text.contains("org_"), "{text}");
}

#[tokio::test]
async fn a_batch_that_comes_again_is_counted_once_and_tells_what_was_not_told() {
    let world = World::default();
    world.staff.out_of_reach.set(2);
    assert!(world.batch(sample()).await.is_err());
    let counted = world.seen();
    // As Lambda does, a minute later.
    world.clock.0.store(60, Ordering::Relaxed);
    world.batch(sample()).await.unwrap();
    assert_eq!((world.seen(), world.notices()), (counted.clone(), 2));
    world.clock.0.store(180, Ordering::Relaxed);
    world.batch(sample()).await.unwrap();
    assert_eq!((world.seen(), world.notices()), (counted, 2));
}

#[tokio::test]
async fn nobody_tells_what_somebody_else_is_about_to_tell() {
    let world = World::default();
    world.staff.out_of_reach.set(2);
    assert!(world.batch(sample()).await.is_err());
    world.clock.0.store(5, Ordering::Relaxed);
    world.batch(another()).await.unwrap();
    assert_eq!(world.notices(), 0);
    world.clock.0.store(300, Ordering::Relaxed);
    world.batch(another()).await.unwrap();
    assert_eq!(world.notices(), 2);
}
