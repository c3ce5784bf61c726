//! `system.gather_statistics`: daily, the figures of the day before (UTC): what workers did, and how large the tables are.
//!
//! First the workers' log, kind by kind and some pages at a step, with durations counted rather than kept; then the organisations, some at a
//! step; then the day's row. Idempotency: it reads, and the row's key is the day: a second run writes the same figures of the workers
//! over it, and the sizes of that moment. Retry: every failure, since a table may be
//! deleted under it.

use super::{App, Effect, Step, Wait};
use domain::organization::{OrgStatus, Organization};
use domain::statistics::{DayStatistics, Durations, KindStatistics, LARGEST, OrgTableSize, TableSize};
use domain::task::{Progress, Task, TaskKind, UPLOAD_KIND, WorkDone, WorkEntry};
use domain::{Grant, OrgId, ServiceError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Items of the workers' log a page, and pages a step: a recording of a batch of uploads can be 25 KB, and a step must not outgrow
/// the function's memory.
const PAGE: usize = 100;
const PAGES_A_STEP: usize = 20;
/// Organisations a step: each costs two calls.
const ORGS_A_STEP: usize = 50;
/// Projects of an organisation that are read together.
const PROJECTS: usize = 500;

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Gathered {
    /// Which kind of [`kinds`] is being counted; past the last, the organisations are.
    kind: usize,
    /// The last item of the log that was counted, and the counts so far.
    after: Option<String>,
    durations: String,
    failures: u64,
    kinds: Vec<KindStatistics>,
    /// The last organisation that was counted, and the counts so far.
    after_org: Option<OrgId>,
    organizations: BTreeMap<String, u64>,
    devices: u64,
    tables: TableSize,
    largest: Vec<OrgTableSize>,
    #[serde(default)]
    uncounted: u64,
}

/// Every kind of work, uploads included.
fn kinds() -> impl Iterator<Item = &'static str> {
    TaskKind::ALL.iter().map(|kind| kind.as_str()).chain([UPLOAD_KIND])
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut gathered: Gathered = match &task.state {
        Some(state) => serde_json::from_value(state.clone()).map_err(|why| ServiceError::Failed(why.to_string()))?,
        None => Gathered::default(),
    };
    let day = day_before(task);
    for _ in 0..PAGES_A_STEP {
        match kinds().nth(gathered.kind) {
            Some(kind) => count_work(app, kind, &day, &mut gathered).await?,
            None if count_organizations(app, &mut gathered).await? => return finish(app, day, gathered).await,
            None => break,
        }
    }
    let state = serde_json::to_value(&gathered).map_err(|why| ServiceError::Failed(why.to_string()))?;
    Ok(Step::Wait(Wait {
        delay: Duration::ZERO,
        state: Some(state),
        progress: Some(Progress::new(50, format!("counting {day}"))),
    }))
}

/// The day before the schedule's time, or before the task's own where nobody said.
fn day_before(task: &Task) -> String {
    let before = task.scheduled_for() - SignedDuration::from_hours(24);
    before.strftime("%Y-%m-%d").to_string()
}

/// Counts a page of a day's attempts at tasks of a kind, and closes the kind's account with the last.
async fn count_work(app: &App, kind: &str, day: &str, gathered: &mut Gathered) -> Result<(), ServiceError> {
    let after = gathered.after.as_deref().and_then(|after| after.parse().ok());
    let (entries, next) = app.directory.work(kind, day, after, PAGE).await?;
    let mut durations = Durations::from_text(&gathered.durations);
    for WorkEntry { ms, count, outcome, .. } in entries {
        // A stretch between two waits is not the work.
        if outcome == WorkDone::Waits {
            continue;
        }
        let count = u64::from(count);
        durations.add(ms, count);
        if matches!(outcome, WorkDone::Failed | WorkDone::Retried) {
            gathered.failures += count;
        }
    }
    gathered.after = next.map(|id| id.to_string());
    if gathered.after.is_some() {
        gathered.durations = durations.to_text();
        return Ok(());
    }
    if durations.count() > 0 {
        gathered.kinds.push(KindStatistics {
            kind: kind.to_owned(),
            count: durations.count(),
            failures: gathered.failures,
            p50_ms: durations.percentile(50),
            p95_ms: durations.percentile(95),
        });
    }
    (gathered.kind, gathered.failures) = (gathered.kind + 1, 0);
    gathered.durations.clear();
    Ok(())
}

/// Counts a page of organisations; whether it was the last.
async fn count_organizations(app: &App, gathered: &mut Gathered) -> Result<bool, ServiceError> {
    let page = app.directory.all_organizations(gathered.after_org, ORGS_A_STEP);
    let (orgs, next) = page.await?;
    for org in orgs {
        *gathered
            .organizations
            .entry(org.status.as_str().to_owned())
            .or_default() += 1;
        let id = org.id;
        match count_table(app, org, gathered).await {
            // One organisation whose rows cannot be read must not take the others' figures with it.
            Err(ServiceError::Failed(why)) => {
                tracing::error!(org = %id, why, "an organisation cannot be counted");
                gathered.uncounted += 1;
            }
            other => other?,
        }
    }
    gathered.after_org = next;
    Ok(next.is_none())
}

async fn count_table(app: &App, org: Organization, gathered: &mut Gathered) -> Result<(), ServiceError> {
    let id = org.id;
    let grant = Grant::for_task(id, "system".to_owned(), org.status, org.table);
    let Some(table) = app.tables.open(&grant).ok().filter(|_| org.status == OrgStatus::Active) else {
        return Ok(());
    };
    let size = table.size().await?;
    let TableSize { items, bytes } = size;
    gathered.tables += size;
    gathered.largest.push(OrgTableSize { org: id, items, bytes });
    gathered.largest.sort_by_key(|table| std::cmp::Reverse(table.bytes));
    gathered.largest.truncate(LARGEST);
    let mut after = None;
    loop {
        let (projects, next) = table.projects(after, PROJECTS).await?;
        gathered.devices += projects.iter().map(|project| project.devices).sum::<u64>();
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn finish(app: &App, day: String, gathered: Gathered) -> Result<Step, ServiceError> {
    let statistics = DayStatistics {
        day,
        gathered_at: app.source.now(),
        kinds: gathered.kinds,
        organizations: gathered.organizations,
        devices: gathered.devices,
        directory: app.directory.directory_size().await?,
        outbox: app.directory.outbox_size().await?,
        organization_tables: gathered.tables,
        largest: gathered.largest,
        uncounted: gathered.uncounted,
    };
    app.directory.put_statistics(&statistics).await?;
    Ok(Step::Done(Effect {
        result: Some(json!({ "day": statistics.day })),
        ..Effect::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_day_is_that_before_the_schedules_time() {
        let now: Timestamp = "2026-03-05T10:00:00Z".parse().unwrap();
        let task = Task::scheduled(TaskKind::GatherStatistics, now, now);
        assert_eq!(day_before(&task), "2026-03-04");
        let task = task.with_input(json!({ "at": "2026-01-01T03:10:00Z" }));
        assert_eq!(day_before(&task), "2025-12-31");
    }
}
