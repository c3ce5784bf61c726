//! Stories of one task; `model.rs` walks random ones.

use super::*;
use crate::{OrgId, TaskId};

pub(super) fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

pub(super) fn at(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

pub(super) fn task(kind: TaskKind) -> Task {
    let id: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
    let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
    Task::queued(id, org, kind, "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC", start())
}

fn begun(task: &Task, now: Timestamp) -> Task {
    match task.begin(now) {
        Begin::Run(task) => *task,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attempt_has_the_task_to_itself_until_its_lease_runs_out() {
    let first = begun(&task(TaskKind::PurgeDevice), at(1));
    assert_eq!((first.attempts, first.status), (1, TaskStatus::Running));
    assert_eq!(first.begin(at(2)), Begin::Leased);
    let second = begun(&first, at(1) + LEASE);
    assert_eq!(second.attempts, 2);
    assert_eq!(second.log[0].error.as_deref(), Some(NO_ANSWER));
    assert!(second.revision > first.revision, "the first can save nothing any more");
}

#[test]
fn a_planned_wait_is_no_attempt_and_its_message_may_come_early() {
    let running = begun(&task(TaskKind::CreateOrganization), at(0));
    let waiting = running.wait(SignedDuration::from_mins(20), Some(1.into()), None, at(1));
    assert_eq!(waiting.begin(at(901)), Begin::Early(SignedDuration::from_secs(300)));
    let resumed = begun(&waiting, at(1201));
    assert_eq!(
        (resumed.attempts, resumed.log.len(), resumed.state.clone()),
        (1, 1, Some(1.into()))
    );
    let done = resumed.succeed(Some(2.into()), at(1202));
    assert_eq!(
        (done.status, done.result.clone(), done.error.clone()),
        (TaskStatus::Succeeded, Some(2.into()), None)
    );
    assert_eq!(done.begin(at(1203)), Begin::Ended);
}

#[test]
fn failures_are_counted_told_and_end() {
    let mut task = task(TaskKind::PurgeDevice);
    for attempt in 1..=5 {
        task = begun(&task, at(i64::from(attempt) * 100));
        assert_eq!((task.attempts, task.exhausted()), (attempt, attempt == 5));
        task = task.try_again("busy", SignedDuration::ZERO, at(i64::from(attempt) * 100 + 1));
    }
    assert_eq!(task.begin(at(1000)), Begin::GiveUp("busy".into()));
    let failed = task.fail("busy", at(1000));
    assert!(failed.expires_at.is_some());
    let again = failed.run_again(at(2000)).unwrap();
    assert_eq!(
        (again.attempts, again.status, again.error.clone()),
        (0, TaskStatus::Queued, None)
    );
    assert_eq!(begun(&again, at(2001)).attempts, 1);
    assert_eq!(again.run_again(at(2002)), Err(NotNow::NotEnded(TaskStatus::Queued)));
}

#[test]
fn what_takes_too_long_or_is_unknown_is_given_up() {
    let paused = task(TaskKind::CreateOrganization);
    let slow = begun(&paused, at(9_000)).wait(SignedDuration::ZERO, None, None, at(9_001));
    assert!(
        matches!(slow.begin(at(12_600)), Begin::Run(_)),
        "a queue may be long or paused"
    );
    let slow = slow.begin(at(12_601));
    assert!(
        matches!(&slow, Begin::GiveUp(reason) if reason.contains("longer than 1h")),
        "{slow:?}"
    );
    let mut unknown = task(TaskKind::PurgeDevice);
    unknown.kind = "device.beam".into();
    assert_eq!(
        unknown.begin(at(1)),
        Begin::GiveUp("no worker knows the kind device.beam".into())
    );
    assert_eq!(unknown.fail("x", at(1)).run_again(at(2)), Err(NotNow::Unknown));
}

#[test]
fn failures_before_progress_count_no_more() {
    let mut task = task(TaskKind::PurgeDevice);
    for n in 0..20_i64 {
        task = begun(&task, at(n * 100)).try_again("busy", SignedDuration::ZERO, at(n * 100 + 1));
        let going = begun(&task, at(n * 100 + 2));
        assert_eq!((going.setbacks, going.exhausted()), (1, false));
        task = going.wait(SignedDuration::ZERO, Some(n.into()), None, at(n * 100 + 3));
    }
    assert_eq!(task.setbacks, 0);
    let lost = begun(&begun(&task, at(5_000)), at(5_000) + LEASE);
    assert_eq!(
        lost.lost_attempt().map(|attempt| attempt.error.as_deref()),
        Some(Some(NO_ANSWER))
    );
    assert_eq!(begun(&task, at(5_000)).lost_attempt(), None);
}

#[test]
fn what_is_called_off_ends_so_and_its_worker_can_save_nothing() {
    let running = begun(&task(TaskKind::PurgeDevice), at(1));
    let asked = running.call_off(at(2)).unwrap();
    assert_eq!(asked.begin(at(3)), Begin::Leased, "whoever has the lease finds out");
    assert_eq!(asked.begin(at(1) + LEASE), Begin::CallOff);
    let ended = asked.cancelled(at(3));
    assert_eq!(ended.call_off(at(4)), Err(NotNow::Ended(TaskStatus::Cancelled)));
    assert!(ended.run_again(at(5)).is_ok());
    let half_created = begun(&task(TaskKind::CreateOrganization), at(1));
    assert_eq!(half_created.call_off(at(2)), Err(NotNow::Begun));
}

#[test]
fn a_message_is_taken_for_lost_when_nothing_moved_in_time() {
    let queued = task(TaskKind::PurgeDevice);
    assert!(!queued.overdue(at(120)) && queued.overdue(at(121)));
    let running = begun(&queued, at(10));
    assert!(!running.overdue(at(220)) && running.overdue(at(221)));
    let waiting = running.wait(SignedDuration::from_secs(1000), None, None, at(20));
    assert!(!waiting.overdue(at(1140)) && waiting.overdue(at(1141)));
    assert!(!waiting.cancelled(at(2000)).overdue(at(9999)));
}
