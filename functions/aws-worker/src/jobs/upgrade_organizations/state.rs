//! How far a run through the organisations has come.

use super::{Effect, Progress, Step};
use domain::task::Task;
use domain::{OrgId, TaskId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How many of the organisations that could not be upgraded are named.
const NAMED: usize = 10;

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(super) struct State {
    /// How many organisations there were at the beginning.
    pub total: u64,
    /// How many have been looked at.
    pub seen: u64,
    /// The last of them.
    pub after: Option<OrgId>,
    /// Whether it was the last of all.
    pub at_end: bool,
    /// Upgrades under way.
    pub open: Vec<Open>,
    /// Upgrades that succeeded.
    pub upgraded: u64,
    /// Upgrades that did not.
    pub failed: u64,
    /// The first organisations of those.
    pub named: Vec<OrgId>,
}

/// An upgrade under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    pub org: OrgId,
    pub task: TaskId,
}

/// The id of the task that upgrades an organisation in this run.
pub(super) fn child(task: &Task, org: OrgId) -> TaskId {
    let run = task.run_at.as_millisecond();
    let hash = Sha256::digest(format!("{} {run} {org}", task.id));
    let words = hash.as_chunks::<16>().0.first().copied().unwrap_or_default();
    let millis = u64::try_from(run).unwrap_or_default();
    TaskId::from(ulid::Ulid::from_parts(millis, u128::from_be_bytes(words)))
}

impl State {
    pub(super) fn new(total: u64) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// Where an earlier step has left off.
    pub(super) fn of(task: &Task) -> Option<Self> {
        crate::jobs::state(task)
    }

    pub(super) fn note_failed(&mut self, org: OrgId) {
        self.failed += 1;
        if self.named.len() < NAMED {
            self.named.push(org);
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let done = self.seen.saturating_sub(self.open.len() as u64);
        let percent = (done * 100).checked_div(self.total).unwrap_or(100).min(99);
        let message = format!(
            "{done} of {} organisations looked after, {} upgraded, {} failed",
            self.total, self.upgraded, self.failed
        );
        Progress::new(u8::try_from(percent).unwrap_or(99), message)
    }

    /// What came of it.
    pub(super) fn end(&self) -> Step {
        if self.failed > 0 {
            let named: Vec<_> = self.named.iter().map(ToString::to_string).collect();
            let more = if self.failed > NAMED as u64 { " and others" } else { "" };
            return Step::Fail(format!(
                "{} of {} organisations could not be upgraded: {}{more}; {} were",
                self.failed,
                self.seen,
                named.join(", "),
                self.upgraded
            ));
        }
        let result = json!({ "organizations": self.seen, "upgraded": self.upgraded, "failed": 0 });
        Step::Done(Effect {
            result: Some(result),
            ..Effect::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::Id;
    use domain::task::TaskKind;
    use jiff::{SignedDuration, Timestamp};

    fn task() -> Task {
        let id = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        Task::queued(id, None, TaskKind::UpgradeOrganizations, "usr_1", at)
    }

    fn org(n: u128) -> OrgId {
        OrgId::from(ulid::Ulid::from_parts(1, n))
    }

    #[test]
    fn an_organization_has_one_upgrade_in_a_run() {
        let (task, later) = (task(), task().run_at + SignedDuration::from_secs(1));
        assert_eq!(child(&task, org(1)), child(&task, org(1)));
        assert_ne!(child(&task, org(1)), child(&task, org(2)));
        let again = Task {
            run_at: later,
            ..task.clone()
        };
        assert_ne!(child(&task, org(1)), child(&again, org(1)));
        assert_eq!(child(&task, org(1)).ulid().timestamp_ms(), 1_700_000_000_000);
    }

    #[test]
    fn a_state_is_read_back_from_the_row() {
        let mut state = State::new(3);
        state.open.push(Open {
            org: org(1),
            task: child(&task(), org(1)),
        });
        let row = Task {
            state: Some(json!(state)),
            ..task()
        };
        assert_eq!(State::of(&row), Some(state));
        assert_eq!(State::of(&task()), None);
    }

    #[test]
    fn progress_counts_what_is_done_and_ends_only_with_the_task() {
        let mut state = State::new(4);
        (state.seen, state.upgraded) = (4, 1);
        assert_eq!(state.progress().percent, 99);
        state.open = vec![
            Open {
                org: org(1),
                task: child(&task(), org(1))
            };
            2
        ];
        assert_eq!(state.progress().percent, 50);
        assert_eq!(State::new(0).progress().percent, 99);
    }

    #[test]
    fn what_could_not_be_upgraded_is_named() {
        let mut state = State::new(20);
        (state.seen, state.upgraded) = (20, 8);
        assert!(matches!(state.end(), Step::Done(_)));
        for n in 0..12 {
            state.note_failed(org(n));
        }
        let Step::Fail(reason) = state.end() else {
            panic!("a failure")
        };
        assert!(reason.starts_with("12 of 20 organisations"), "{reason}");
        assert!(
            reason.contains(&org(9).to_string()) && !reason.contains(&org(10).to_string()),
            "{reason}"
        );
        assert!(reason.ends_with("and others; 8 were"), "{reason}");
    }
}
