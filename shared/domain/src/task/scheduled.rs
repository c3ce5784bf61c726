//! Tasks that follow from what caused them, so that whoever accepts one a second time changes nothing.

use super::{Task, TaskKind};
use crate::id::Id;
use crate::organization::TOLD_BEFORE;
use crate::{OrgId, TaskId};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use ulid::Ulid;

impl Task {
    /// The system's own task that a schedule asks for: one for each kind and time of the schedule, however often it fires.
    pub fn scheduled(kind: TaskKind, at: Timestamp, now: Timestamp) -> Self {
        let id = derived(at, &[kind.as_str()]);
        Self::queued(id, None, kind, "system", now)
    }

    /// The time of the schedule that a task of the system's is for; its own, where nobody said.
    pub fn scheduled_for(&self) -> Timestamp {
        let at = self.input["at"].as_str().and_then(|at| at.parse().ok());
        at.unwrap_or(self.created_at)
    }

    /// What a round has done for an organisation: one task of a kind for each run of the round's task and organisation.
    pub fn of_round(&self, kind: TaskKind, org: OrgId, now: Timestamp) -> Self {
        let round = self.run_at.to_string();
        let id = derived(
            self.run_at,
            &[kind.as_str(), &self.id.to_string(), &round, &org.ulid().to_string()],
        );
        Self::queued(id, org, kind, "system", now).child_of(self.id)
    }

    /// What this task has another do before it goes on: one task of a kind for each run of it.
    pub fn asking(&self, kind: TaskKind, now: Timestamp) -> Self {
        let run = self.run_at.to_string();
        let id = derived(self.run_at, &[kind.as_str(), &self.id.to_string(), &run]);
        Self::queued(id, self.org, kind, self.requested_by.clone(), now).child_of(self.id)
    }
}

/// The last word to the owners of an organisation that is to be deleted at a moment: one, however often it is asked for.
pub fn last_word_before_deletion(org: OrgId, deletes_at: Timestamp, now: Timestamp) -> Task {
    let kind = TaskKind::TellClosing;
    // Of the moment from which it is asked for: the sweeper goes by an id's age, and one of the days to come would wait for them.
    let id = derived(deletes_at - TOLD_BEFORE, &[kind.as_str(), &org.ulid().to_string()]);
    let input = json!({ "deletes_at": deletes_at, "soon": true });
    Task::queued(id, org, kind, "system", now).with_input(input)
}

/// An id of that millisecond that follows from these texts.
fn derived(at: Timestamp, texts: &[&str]) -> TaskId {
    let digest = Sha256::digest(texts.join("#"));
    let random = digest
        .iter()
        .take(10)
        .fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    TaskId::from(Ulid::from_parts(millis, random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_schedule_that_fires_twice_asks_for_one_task() {
        let at: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let (now, later) = (
            "2026-01-02T03:00:01Z".parse().unwrap(),
            "2026-01-02T03:02:01Z".parse().unwrap(),
        );
        let task = Task::scheduled(TaskKind::CheckDevices, at, now);
        assert_eq!(task.id, Task::scheduled(TaskKind::CheckDevices, at, later).id);
        assert_ne!(task.id, Task::scheduled(TaskKind::CheckReadings, at, now).id);
        assert_ne!(task.id, Task::scheduled(TaskKind::CheckDevices, later, later).id);
        assert_eq!(
            task.id.ulid().timestamp_ms(),
            u64::try_from(at.as_millisecond()).unwrap()
        );
    }

    #[test]
    fn a_round_has_one_notice_an_organisation_and_a_later_run_another() {
        let at: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let round = Task::scheduled(TaskKind::CheckDevices, at, at);
        let org = |text: &str| text.parse::<OrgId>().unwrap();
        let (acme, other) = (
            org("org_01KAF2Z7M0V8Q4J3T6B9N5R1XC"),
            org("org_01KAF2Z7M0V8Q4J3T6B9N5R1XD"),
        );
        let notice = |task: &Task, org| task.of_round(TaskKind::TellDevices, org, at).id;
        assert_eq!(notice(&round, acme), notice(&round, acme));
        assert_ne!(notice(&round, acme), notice(&round, other));
        let again = round
            .fail("x", at)
            .run_again("2026-01-02T03:09:00Z".parse().unwrap())
            .unwrap();
        assert_ne!(notice(&round, acme), notice(&again, acme));
    }

    #[test]
    fn a_task_asks_for_one_of_a_kind_a_run_in_the_name_of_its_asker() {
        let at: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let task = Task {
            requested_by: "usr_1".to_owned(),
            org: "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().ok(),
            ..Task::scheduled(TaskKind::ActOnFilter, at, at)
        };
        let asked = |task: &Task, minute| task.asking(TaskKind::ExportReadings, at + SignedDuration::from_mins(minute));
        let first = asked(&task, 1);
        assert_eq!(first.id, asked(&task, 2).id);
        assert_eq!(
            (first.org, &*first.requested_by, first.parent),
            (task.org, "usr_1", Some(task.id))
        );
        let again = task
            .fail("x", at)
            .run_again("2026-01-02T03:09:00Z".parse().unwrap())
            .unwrap();
        assert_ne!(first.id, asked(&again, 1).id);
    }
}
