//! The ingest worker: turns queued readings and reports into blocks.
//!
//! Messages come from two queues: readings in any order, reports in order for each streamer. Both are [`UploadMessage`]s, and each may
//! come more than once, so every step can be taken again:
//!
//! **Readings.** 1 note the streams, 2 write the blocks, 3 run the filters of the streams (`filters/`), 4 record the outcome, 5 delete the body if it
//! lay in the bucket. Keys of blocks follow from upload, time and place, and the bytes from the message alone: a crash before 4 repeats 1 to 3
//! and changes nothing. A crash after 4, or a second delivery, finds the outcome and does no more than 5. Two deliveries at one time write the same items and
//! record the same outcome twice, of which the reader takes one. `added` counts the readings of different identity in the message,
//! those that replace an older one included.
//!
//! **Reports.** 1 archive the raw reports of the batch, many to an object, 2 read the streamer's state, fix the times, leave out the ids
//! it has stored, 3 note the streams, write blocks, bodies of events, events, run filters, 4 change the streamer's state **and** record the outcome in one
//! transaction, under a key that only this upload has, 5 delete the body. Until 4 the state is the old one, so a repetition computes the
//! same items under the same keys; the archive gets the bytes a second time, which nothing points at. After 4 the outcome is there: the
//! repetition ends before 1, or, if two run at one time, is refused at 4. What has no id cannot be told from what is stored: readings
//! replace those of the same time, events those of the same time that say the same.
//!
//! **Retries.** What fails comes again after the queue's visibility time-out. Readings that fail at their fifth delivery or a later one are
//! given up, reports at their tenth: the outcome says `failed` with a reason, and the message goes to the dead-letter queue. Redriving it
//! is safe: success outweighs the recorded failure.
//! (A report redriven after younger ones is fixed by their clock, as any late report is; should that give other times, blocks that an
//! earlier attempt wrote before it failed stay beside the new ones.) What cannot succeed is given up at once. In a group, a message behind
//! one that must come again waits untried, and so does everything while the directory cannot be read. SQS counts those deliveries too, and
//! nothing else counts tries: after a long wait, a message may be given up at its first try. Messages of an organisation that is being
//! deleted, or is gone, end without a trace: nobody is left to ask, and their data are wanted gone.
//!
//! **Signs of life.** Once a batch is worked on, each device that it had stored uploads of is noted to have been heard of when the latest of
//! them was accepted: see `seen.rs`. Readings dated more than five minutes after their acceptance are noted with their stream, before its
//! blocks.
//!
//! **Settings of streams** are heeded as they were when the batch began (`settings.rs`): what a stream does not take is not stored, and told
//! in the upload's outcome with the reason (`admission.rs`). They are applied when a reading is first stored. A redelivery after a crash
//! applies those of its own batch, and writes the same items unless they were changed in between.
//!
//! **Work that ends the worker**, by its time or its memory, leaves no answer, and takes the rest of its batch with it. So a batch with a
//! message that has come more often than failures explain is worked on one message after the other, each recorded before the next: what
//! is before the culprit gets done. Past fifteen deliveries, the first message of the batch without an outcome is given up untried, and
//! those behind it have their turn. It may be an innocent that waited untried all that time; nothing is lost, redriving it is safe.
//!
//! To add a kind of upload: a variant of [`UploadContent`], a file beside `readings.rs`.
//!
//! [`UploadContent`]: domain::task::UploadContent

mod admission;
mod body;
mod failure;
mod filters;
mod heartbeat;
mod home;
mod known;
mod readings;
mod reports;
mod rules;
mod seen;
mod settings;
mod store;
mod work_log;

pub use known::Known;

use aws_dynamodb::{Directory, OrgTable, OrgTables, UploadOutcome};
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::task::{TaskStatus, UploadContent, UploadMessage};
use domain::{ServiceError, Source};
use failure::Failure;
use futures::FutureExt;
use home::Home;
use lambda::{Delivery, Outcome, Worker};
use rules::Rules;
use std::sync::Arc;

/// What the worker works with.
pub struct App {
    /// The organisations, and which tables are theirs.
    pub directory: Directory,
    /// The organisations' tables.
    pub tables: OrgTables,
    /// Bodies too large for a message, and the archive.
    pub storage: Bucket,
    /// The queue of the worker that does what filters ask for.
    pub tasks: Queue,
    /// Streams and devices that need no further note.
    pub known: Known,
    /// Time and ids.
    pub source: Source,
}

/// One message of a batch, on its way through the worker.
struct Job<'a> {
    /// Its place in the batch.
    place: usize,
    delivery: &'a Delivery,
    message: UploadMessage,
    table: OrgTable,
    /// Which of the organisation's tables that is.
    generation: u32,
    /// What the organisation has laid down, where that could be read.
    rules: Arc<Result<Rules, Failure>>,
}

/// A message's place in the batch, and what became of it.
type Ended = (usize, Result<(), Failure>);

// Boxed without their types: futures within futures within the runtime's are more than the compiler lays out.
impl Worker for App {
    async fn work(&self, batch: &[Delivery]) -> Vec<Outcome> {
        self.store(batch).boxed_local().await
    }

    async fn give_up(&self, delivery: &Delivery, reason: &str) -> Result<(), lambda::Error> {
        Ok(self.record_failure(delivery, reason).boxed_local().await?)
    }
}

impl App {
    async fn store(&self, batch: &[Delivery]) -> Vec<Outcome> {
        let begun = self.source.now();
        let (mut jobs, mut ended) = self.jobs(batch).await;
        let attempts: Vec<_> = jobs.iter().map(work_log::Attempt::of).collect();
        // The order in which they are worked on, should it be one after the other.
        jobs.sort_by_key(|job| (job.message.org, job.delivery.group.clone()));
        if let Some(culprit) = culprit(&jobs).boxed_local().await {
            ended.push((jobs.remove(culprit).place, Err(Failure::unanswered())));
        }
        let signs = jobs.iter().map(seen::Sign::of).collect();
        let (readings, reports): (Vec<_>, Vec<_>) = jobs
            .into_iter()
            .partition(|job| job.message.content == UploadContent::Readings);
        let both = futures::future::join(readings::store_all(self, readings), reports::store_all(self, reports));
        let (readings, reports) = both.await;
        ended.extend(readings);
        ended.extend(reports);
        seen::note(self, signs, &ended).await;
        work_log::record(self, begun, &attempts, (batch, &ended)).await;
        ended.sort_by_key(|(place, _)| *place);
        let outcomes = batch.iter().zip(ended);
        outcomes
            .map(|(delivery, (_, result))| Failure::outcome(result, delivery))
            .collect()
    }

    async fn record_failure(&self, delivery: &Delivery, reason: &str) -> Result<(), ServiceError> {
        let Ok(message) = failure::read(delivery) else {
            return Ok(());
        };
        let homes = home::open(self, &[message.org]).await?;
        let Some(Home::Open { table, .. }) = homes.get(&message.org) else {
            return Ok(());
        };
        if table.outcome(&message.task).await?.is_none() {
            let failed = self.outcome(&message, delivery, TaskStatus::Failed);
            let error = Some(lambda::words_of(reason).to_owned());
            table.put_outcomes(&[UploadOutcome { error, ..failed }]).await?;
        }
        Ok(())
    }

    /// The messages that can be worked on, and the end of those that cannot.
    async fn jobs<'a>(&self, batch: &'a [Delivery]) -> (Vec<Job<'a>>, Vec<Ended>) {
        let read: Vec<_> = batch.iter().map(failure::read).collect();
        let orgs: Vec<_> = read.iter().flatten().map(|message| message.org).collect();
        let homes = home::open(self, &orgs).await;
        let (mut jobs, mut ended) = (Vec::new(), Vec::new());
        for (place, (delivery, message)) in batch.iter().zip(read).enumerate() {
            let found = message.and_then(|message| Ok((home::of(&homes, message.org)?, message)));
            match found {
                Err(failure) => {
                    let result = heartbeat::answer(self, delivery).await;
                    ended.push((place, result.unwrap_or(Err(failure))));
                }
                Ok((
                    Home::Open {
                        table,
                        generation,
                        rules,
                    },
                    message,
                )) => jobs.push(Job {
                    place,
                    delivery,
                    message,
                    table,
                    generation,
                    rules,
                }),
                Ok((Home::Gone, message)) => {
                    tracing::warn!(org = %message.org, task = %message.task, "an upload of an organisation that is gone");
                    body::forget(self, &message).await;
                    ended.push((place, Ok(())));
                }
            }
        }
        (jobs, ended)
    }

    /// An outcome that adds nothing yet.
    fn outcome(&self, message: &UploadMessage, delivery: &Delivery, status: TaskStatus) -> UploadOutcome {
        UploadOutcome {
            task: message.task.clone(),
            status,
            attempts: delivery.receives,
            finished_at: self.source.now(),
            count: message.count,
            added: 0,
            refused: 0,
            refusals: Vec::new(),
            error: None,
            archive: None,
        }
    }
}

/// The first message that has come too often and has no outcome: what is behind it may only have suffered with it.
async fn culprit(jobs: &[Job<'_>]) -> Option<usize> {
    for (at, job) in jobs.iter().enumerate() {
        // Where its outcome cannot be read, its work will say so.
        if failure::is_unanswered(job.delivery) && matches!(job.is_done().await, Ok(false)) {
            return Some(at);
        }
    }
    None
}

/// Whether one of these may end the worker, so that the others had better be done with before it is begun.
fn any_suspect<'a>(mut jobs: impl Iterator<Item = &'a Job<'a>>) -> bool {
    jobs.any(|job| failure::is_suspect(job.delivery))
}

impl Job<'_> {
    /// What its organisation has laid down.
    fn rules(&self) -> Result<&Rules, Failure> {
        self.rules.as_ref().as_ref().map_err(Clone::clone)
    }

    /// Whether an earlier delivery was worked on to its end. Asked only of messages that come again.
    async fn is_done(&self) -> Result<bool, Failure> {
        Ok(self.delivery.receives > 1 && self.has_succeeded().await?)
    }

    /// The device, in this table.
    fn device(&self) -> known::DeviceKey {
        (self.message.org, self.generation, self.message.device)
    }

    async fn has_succeeded(&self) -> Result<bool, Failure> {
        let outcome = self.table.outcome(&self.message.task).await?;
        Ok(outcome.is_some_and(|outcome| outcome.status == TaskStatus::Succeeded))
    }
}
