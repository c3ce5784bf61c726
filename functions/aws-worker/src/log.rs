//! The attempts of one batch, gathered for the worker's log.

use domain::task::{Task, WorkDone, WorkEntry};
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Longest error of an entry, in characters: the row has it whole.
const MAX_ERROR: usize = 200;

/// What the deliveries of one batch have done so far.
#[derive(Default)]
pub(crate) struct WorkLog(RefCell<Vec<WorkEntry>>);

impl WorkLog {
    /// Notes an attempt, or a stretch of one, that began at `at` and has just ended.
    pub fn note(&self, task: &Task, (at, now): (Timestamp, Timestamp), outcome: WorkDone, error: Option<&str>) {
        let entry = WorkEntry {
            kind: task.kind.clone(),
            org: task.org,
            task: task.id.to_string(),
            attempt: task.attempts,
            at,
            ms: u64::try_from(now.duration_since(at).as_millis()).unwrap_or_default(),
            outcome,
            error: error.map(|text| text.chars().take(MAX_ERROR).collect()),
            count: 1,
        };
        self.0.borrow_mut().push(entry);
    }

    /// The entries of each kind.
    pub fn by_kind(self) -> impl Iterator<Item = Vec<WorkEntry>> {
        let mut kinds: BTreeMap<String, Vec<WorkEntry>> = BTreeMap::new();
        for entry in self.0.into_inner() {
            kinds.entry(entry.kind.clone()).or_default().push(entry);
        }
        kinds.into_values()
    }
}
