//! The worker's log: one item a batch, with an entry for each organisation and outcome.
//!
//! Cost: at most one write unit a batch of up to four organisations, one more for every five beyond. A full batch of 100 uploads of readings
//! writes at least a block each and their outcomes, 101 units or more, so the log adds less than 1 %; with 100 organisations in one batch
//! 20 units to 200. A full batch of 10 reports writes at least 50 (streamer and outcome in a transaction, a block): 2 %.
//!
//! A log that cannot be written stops no work.

use crate::failure::Failure;
use crate::{App, Ended, Job};
use domain::OrgId;
use domain::task::{UPLOAD_KIND, WorkDone, WorkEntry};
use jiff::Timestamp;
use lambda::{Delivery, Outcome};

/// Longest error of an entry, in characters.
const MAX_ERROR: usize = 200;

/// An upload that is worked on.
pub struct Attempt {
    place: usize,
    org: OrgId,
    task: String,
}

impl Attempt {
    /// The attempt at a message.
    pub fn of(job: &Job<'_>) -> Self {
        Self {
            place: job.place,
            org: job.message.org,
            task: job.message.task.to_string(),
        }
    }
}

/// Records how a batch that began at `begun` ended.
pub async fn record(app: &App, begun: Timestamp, attempts: &[Attempt], (batch, ended): (&[Delivery], &[Ended])) {
    let ms = app.source.now().duration_since(begun).as_millis();
    let ms = u64::try_from(ms).unwrap_or_default();
    let entries = entries((begun, ms), attempts, (batch, ended));
    if let Err(error) = app.directory.put_work(app.source.ulid(), &entries).await {
        tracing::warn!(%error, "attempts are not in the worker's log");
    }
}

fn entries(
    (at, ms): (Timestamp, u64),
    attempts: &[Attempt],
    (batch, ended): (&[Delivery], &[Ended]),
) -> Vec<WorkEntry> {
    let mut entries: Vec<WorkEntry> = Vec::new();
    for attempt in attempts {
        let result = ended.iter().find(|(place, _)| *place == attempt.place);
        let (Some((_, result)), Some(delivery)) = (result, batch.get(attempt.place)) else {
            continue;
        };
        let Some((outcome, error)) = told(result, delivery) else {
            continue;
        };
        let like = |entry: &&mut WorkEntry| entry.org == Some(attempt.org) && entry.outcome == outcome;
        match entries.iter_mut().find(like) {
            Some(entry) => entry.count += 1,
            None => entries.push(WorkEntry {
                kind: UPLOAD_KIND.to_owned(),
                org: Some(attempt.org),
                task: attempt.task.clone(),
                attempt: delivery.receives,
                at,
                ms,
                outcome,
                error,
                count: 1,
            }),
        }
    }
    entries
}

/// What the log says of a result; nothing of an upload that only waited behind another.
fn told(result: &Result<(), Failure>, delivery: &Delivery) -> Option<(WorkDone, Option<String>)> {
    if matches!(result, Err(Failure::Untried(_))) {
        return None;
    }
    let short = |reason: String| Some(reason.chars().take(MAX_ERROR).collect());
    Some(match Failure::outcome(result.clone(), delivery) {
        Outcome::Done => (WorkDone::Succeeded, None),
        Outcome::Retry(reason) => (WorkDone::Retried, short(reason)),
        Outcome::Reject(reason) => (WorkDone::Failed, short(reason)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_of_one_organisation_that_ended_alike_are_one_entry() {
        let org = |last: char| format!("org_01KAF2Z7M0V8Q4J3T6B9N5R1X{last}").parse::<OrgId>().unwrap();
        let attempt = |place, org| Attempt {
            place,
            org,
            task: format!("upload {place}"),
        };
        let delivery = || Delivery {
            id: String::new(),
            body: String::new(),
            queue: String::new(),
            group: None,
            receives: 2,
            redriven: None,
        };
        let attempts = [0, 1, 2, 3, 4].map(|place| attempt(place, org(if place == 1 { 'D' } else { 'C' })));
        let batch: Vec<_> = (0..5).map(|_| delivery()).collect();
        let ended = [
            Ok(()),
            Ok(()),
            Ok(()),
            Err(Failure::never("no")),
            Err(Failure::behind()),
        ];
        let ended: Vec<_> = ended.into_iter().enumerate().collect();
        let entries = entries((Timestamp::UNIX_EPOCH, 40), &attempts, (&batch, &ended));
        let short = |entry: &WorkEntry| (entry.task.clone(), entry.count, entry.outcome);
        assert_eq!(
            entries.iter().map(short).collect::<Vec<_>>(),
            [
                ("upload 0".to_owned(), 2, WorkDone::Succeeded),
                ("upload 1".to_owned(), 1, WorkDone::Succeeded),
                ("upload 3".to_owned(), 1, WorkDone::Failed),
            ]
        );
        assert_eq!(entries[2].error.as_deref(), Some("no"));
        assert!(entries.iter().all(|entry| entry.ms == 40 && entry.attempt == 2));
    }
}
