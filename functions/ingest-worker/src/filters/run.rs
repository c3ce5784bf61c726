//! Running filters: of each stream the readings that are news to it, in as few transactions as hold what they bring about.

use super::{News, Stream};
use crate::App;
use crate::failure::{Failure, guarded};
use aws_dynamodb::{Change, FilterInForce, OrgTable, Refused};
use blocks::Reading;
use domain::ServiceError;
use domain::filter::{Act, Fired, MAX_ACTIONS_OF_A_STATE, Progress, Seen};
use domain::task::{Task, TaskKind};
use futures::{StreamExt, stream};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;
use ulid::Ulid;

/// How many streams are run at once.
const AT_ONCE: usize = 8;
/// Most writes of a transaction (AWS "TransactWriteItems").
const MOST_WRITES: usize = 100;
/// Most writes of a transition: its line in the log, and of each action the task and its note.
const OF_A_TRANSITION: usize = 1 + 2 * 2 * MAX_ACTIONS_OF_A_STATE;
/// How often a stream is run when another worker runs it, too.
const TRIES: u32 = 4;

/// A reading, how many filters it has come through, and its upload.
type Derived = (Reading, u8, Ulid);

/// Lets readings of one organisation go through their filters. Which streams failed, and why.
pub async fn run(app: &App, table: &OrgTable, news: impl Iterator<Item = News>) -> BTreeMap<Stream, Failure> {
    let mut streams: BTreeMap<Stream, Vec<Derived>> = BTreeMap::new();
    for News {
        stream,
        readings,
        derived,
        accepted,
    } in news
    {
        let readings = readings.into_iter().map(|reading| (reading, derived, accepted));
        streams.entry(stream).or_default().extend(readings);
    }
    if streams.is_empty() {
        return BTreeMap::new();
    }
    let names: Vec<_> = streams.keys().cloned().collect();
    let found = match table.filters_in_force(&names).await {
        Ok(found) => found,
        Err(error) => return names.into_iter().map(|name| (name, error.clone().into())).collect(),
    };
    let runs = streams
        .into_iter()
        .zip(found)
        .filter_map(|((name, mut readings), found)| {
            // Of those at one place in the stream the first counts: the latest to be accepted.
            readings.sort_by_key(|(reading, _, accepted)| (Seen::of(reading), Reverse(*accepted)));
            found.map(|found| (name, readings, found))
        });
    let ends = stream::iter(runs).map(async |(name, readings, found)| {
        let end = guarded(one(app, table, (&name, &readings), found)).await;
        end.err().map(|failure| (name, failure))
    });
    let ends = ends.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    ends.into_iter().flatten().collect()
}

/// Runs a stream; anew from where it is by then, when another worker was first.
async fn one(
    app: &App,
    table: &OrgTable,
    (name, readings): (&Stream, &[Derived]),
    mut found: FilterInForce,
) -> Result<(), Failure> {
    for attempt in 1.. {
        let run = Run::new(app, table, name, &found);
        match run.all(readings).await {
            Ok(()) => break,
            Err(Refused::Write(_) | Refused::Service(ServiceError::Busy(_))) if attempt < TRIES => {}
            Err(refused) => return Err(ServiceError::from(refused).into()),
        }
        tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
        match table
            .filters_in_force(std::slice::from_ref(name))
            .await?
            .into_iter()
            .flatten()
            .next()
        {
            Some(now) => found = now,
            None => break,
        }
    }
    Ok(())
}

/// A stream on its way through its filter.
struct Run<'a> {
    app: &'a App,
    table: &'a OrgTable,
    stream: &'a Stream,
    found: &'a FilterInForce,
    progress: Progress,
    logged: Vec<Fired>,
    tasks: Vec<Task>,
}

impl<'a> Run<'a> {
    fn new(app: &'a App, table: &'a OrgTable, stream: &'a Stream, found: &'a FilterInForce) -> Self {
        let set = &found.set;
        Self {
            app,
            table,
            stream,
            found,
            progress: Progress::of(set.id, &set.filter, found.progress.clone()),
            logged: Vec::new(),
            tasks: Vec::new(),
        }
    }

    async fn all(mut self, readings: &[Derived]) -> Result<(), Refused> {
        let mut moved = false;
        for derived in readings {
            if !self.progress.is_news(&derived.0) {
                continue;
            }
            moved = true;
            self.take(derived)?;
            if 1 + self.logged.len() + 2 * self.tasks.len() + OF_A_TRANSITION > MOST_WRITES {
                self.commit().await?;
                moved = false;
            }
        }
        match moved {
            true => self.commit().await,
            false => Ok(()),
        }
    }

    fn take(&mut self, (reading, derived, _): &Derived) -> Result<(), ServiceError> {
        let (set, now) = (&self.found.set, self.app.source.now());
        let Some((fired, actions)) = self.progress.take(&set.filter, reading, now) else {
            return Ok(());
        };
        for (place, action) in (0..).zip(actions) {
            let (device, variable) = self.stream.clone();
            let act = Act {
                device,
                variable,
                fired: fired.clone(),
                place,
                action: action.clone(),
                secret: set.secret.clone(),
                depth: *derived,
            };
            // As a text: no database rounds its numbers.
            let act = serde_json::to_string(&act).map_err(|error| ServiceError::Failed(error.to_string()))?;
            let (id, org) = (self.app.source.id(), self.table.org());
            let task = Task::queued(id, org, TaskKind::ActOnFilter, set.set_by.clone(), now);
            self.tasks.push(task.with_input(json!({ "act": act })));
        }
        if self.progress.logs() {
            self.logged.push(fired);
        }
        Ok(())
    }

    /// Commits where the stream is now, with all that led there since the last time.
    async fn commit(&mut self) -> Result<(), Refused> {
        self.progress.version += 1;
        let (logged, tasks) = (std::mem::take(&mut self.logged), std::mem::take(&mut self.tasks));
        let stream = (self.stream.0, &self.stream.1);
        if logged.is_empty() && tasks.is_empty() {
            return self.table.save_progress(stream, &self.progress).await;
        }
        let change = Change::silent();
        let mut change = self.table.with_progress(change, stream, &self.progress, &logged)?;
        for task in &tasks {
            change = self.app.directory.with_task(change, task)?;
        }
        self.table.commit(change).await?;
        for task in &tasks {
            self.app.tasks.wake(task).await;
        }
        Ok(())
    }
}
