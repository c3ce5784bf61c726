//! How far a restore has come.

use super::{Step, Wait};
use aws_dynamodb::{Digest, Place};
use domain::journal::Head;
use domain::task::{Progress, Task};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// What a restore is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Waiting for the restored table and the new stack.
    Prepare,
    /// Copying items.
    Copy,
    /// Reading the copy again.
    Read,
    /// Checking the copy's journal.
    Journal,
    /// Checked: to be put in the place of the present table.
    Switch,
}

/// What the task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The new generation.
    pub generation: u32,
    pub phase: Phase,
    /// Where the walk of this phase has got to.
    pub after: Option<Place>,
    /// What was copied.
    pub copied: Digest,
    /// What was read again.
    pub read: Digest,
    /// The last entry of the journal that was checked, and its hash.
    pub checked: (u64, String),
}

impl State {
    pub(super) fn new(generation: u32) -> Self {
        Self {
            generation,
            phase: Phase::Prepare,
            after: None,
            copied: Digest::default(),
            read: Digest::default(),
            checked: <(u64, String)>::default(),
        }
    }

    /// Where an earlier step of this run has left off.
    pub(super) fn of(task: &Task) -> Option<Self> {
        crate::jobs::state(task)
    }

    pub(super) fn enter(self, phase: Phase) -> Self {
        Self {
            phase,
            after: None,
            ..self
        }
    }

    pub(super) fn head(&self) -> Head {
        let (sequence, hash) = self.checked.clone();
        Head { sequence, hash }
    }

    pub(super) fn wait(self, delay: Duration) -> Step {
        Step::Wait(Wait {
            delay,
            progress: Some(self.progress()),
            state: Some(json!(self)),
        })
    }

    fn progress(&self) -> Progress {
        let (copied, read) = (self.copied.items, self.read.items);
        match self.phase {
            Phase::Prepare => Progress::new(5, "the table is being restored"),
            Phase::Copy => Progress::new(30, format!("{copied} items copied")),
            Phase::Read => Progress::new(60, format!("{read} of {copied} items checked")),
            Phase::Journal => Progress::new(85, format!("{} entries of the journal checked", self.checked.0)),
            Phase::Switch => Progress::new(95, "about to be in use"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::TaskKind;
    use jiff::Timestamp;

    #[test]
    fn a_state_is_read_back_from_the_row() {
        let id = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let task = Task::queued(id, None, TaskKind::RestoreOrganization, "usr_1", Timestamp::UNIX_EPOCH);
        assert_eq!(State::of(&task), None);
        let state = State {
            checked: (7, "ab".into()),
            ..State::new(2).enter(Phase::Journal)
        };
        let Step::Wait(wait) = state.clone().wait(Duration::ZERO) else {
            panic!("a wait")
        };
        let task = Task {
            state: wait.state,
            ..task
        };
        assert_eq!(State::of(&task), Some(state));
    }
}
