//! Letting a deployment run: messages delivered, time passing, the sweeper at work each minute.

use super::World;
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sqs::{DeadLetterQueues, Queue};
use domain::task::UploadMessage;
use jiff::{SignedDuration, Timestamp};
use lambda::Worker;
use serde_json::{Value, json};

/// What is made later sorts later.
const A_MOMENT: SignedDuration = SignedDuration::from_secs(1);
/// How long SQS hides a message that is being worked on (template.yaml).
const VISIBILITY: SignedDuration = SignedDuration::from_secs(360);
/// When nothing moves, so much time passes.
const SWEEPS_LATER: SignedDuration = SignedDuration::from_mins(5);
/// No story takes as many steps.
const MOST_STEPS: usize = 200;
/// How often the sweeper runs (template.yaml).
const EACH_MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl World {
    /// Lets the deployment run until nothing is left to do: every message delivered until it is dealt with, everything that was lost swept.
    pub async fn run(&self) {
        for _ in 0..MOST_STEPS {
            let readings = self.emulator.messages(&self.table("readings"), 1).await;
            match (
                readings.first(),
                self.emulator.messages(&self.table("tasks"), 1).await.first(),
            ) {
                (Some(message), _) => self.deliver_readings(message).await,
                (None, Some(message)) => self.deliver(message).await,
                (None, None) if self.nothing_is_left_to_do().await => return,
                (None, None) => self.hands.move_on(SWEEPS_LATER),
            }
            if self.source.now() >= self.swept.get() + EACH_MINUTE {
                self.sweep().await;
            }
        }
        panic!("there is no end to it: {:#?}", self.rows("directory").await);
    }

    /// No task but those that are not to begin for a day.
    async fn nothing_is_left_to_do(&self) -> bool {
        let tomorrow = self.source.now() + SignedDuration::from_hours(24);
        let is_later = |row: &Value| {
            let due = row["due"].as_str().and_then(|due| due.parse::<Timestamp>().ok());
            row["finished_at"].is_null() && due.is_some_and(|due| due > tomorrow)
        };
        let directory = self.rows("directory").await;
        let later: Vec<_> = directory
            .iter()
            .filter(|row| is_later(row))
            .map(|row| &row["id"])
            .collect();
        self.rows("outbox")
            .await
            .iter()
            .all(|note| later.contains(&&note["sk"]))
    }

    /// Time passes.
    pub fn move_on(&self, by: SignedDuration) {
        self.hands.move_on(by);
    }

    /// Delivers a task's message to the worker.
    async fn deliver(&self, message: &Value) {
        self.work(&self.worker(), "tasks", message).await;
        self.mail_is_told_of().await;
    }

    /// Delivers an upload of readings to the ingest worker.
    async fn deliver_readings(&self, message: &Value) {
        self.work(&self.ingest_worker(), "readings", message).await;
    }

    async fn work(&self, worker: &impl Worker, queue: &str, message: &Value) {
        self.hands.move_on(A_MOMENT);
        let source = self.table(queue);
        let letters = self.queue(&format!("{queue}-dlq"));
        let dead = DeadLetterQueues::new(&self.broken, [(source.clone(), letters)]);
        let answer = tokio::select! {
            biased;
            () = self.line.death() => None,
            answer = lambda::run_batch(worker, &dead, event(message, &source)) => Some(answer),
        };
        let delay = SignedDuration::from_secs(i64::try_from(self.line.take_delay()).unwrap());
        if answer.is_some_and(|answer| answer.batch_item_failures.is_empty()) {
            self.emulator.delete(&source, message).await;
            self.hands.move_on(delay);
        } else {
            self.hands.move_on(VISIBILITY);
        }
    }

    /// Has a new process of the ingest worker store one batch of uploads, all of which must succeed.
    pub async fn store(&self, uploads: &[UploadMessage]) {
        let (worker, source) = (self.ingest_worker(), self.table("readings"));
        let dead = DeadLetterQueues::new(&self.broken, [(source.clone(), self.queue("tasks-dlq"))]);
        let message =
            |upload| json!({ "MessageId": tests::unique("upload"), "Body": serde_json::to_string(upload).unwrap() });
        let records = uploads
            .iter()
            .flat_map(|upload| event(&message(upload), &source).records);
        let mut batch = SqsEvent::default();
        batch.records = records.collect();
        let answer = lambda::run_batch(&worker, &dead, batch).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    }

    async fn sweep(&self) {
        self.swept.set(self.source.now());
        let sweeper = sweeper::App {
            directory: self.directory(),
            tasks: Queue::new(&self.aws, self.queue("tasks")),
            source: self.source.clone(),
        };
        sweeper.sweep().await.unwrap();
    }

    /// What SES does and the emulator does not: it tells of every mail that it has sent. Jobs send one mail after another, so of so many mails
    /// the first so many notices in order have gone out.
    async fn mail_is_told_of(&self) {
        let (sent, now) = (self.mails().await.len(), self.source.now());
        let rows = self.rows("directory").await;
        let notices = rows
            .iter()
            .filter_map(|row| row["pk"].as_str()?.strip_prefix("NOTICE#"));
        let mut notices: Vec<_> = notices.collect();
        notices.sort_unstable();
        for notice in notices.into_iter().take(sent) {
            let notice = notice.parse().unwrap();
            self.directory().notice_sent(&notice, now).await.unwrap();
        }
    }
}

/// A message as Lambda hands it to a function.
fn event(message: &Value, queue: &str) -> SqsEvent {
    let record = json!({
        "messageId": message["MessageId"], "body": message["Body"], "messageAttributes": {},
        // Nobody counts here: each may have come before.
        "attributes": { "ApproximateReceiveCount": "2" },
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
    });
    serde_json::from_value(json!({ "Records": [record] })).unwrap()
}
