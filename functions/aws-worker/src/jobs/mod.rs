//! The kinds of tasks. Each documents its idempotency and its retry rule.

mod act_on_filter;
mod check_devices;
mod check_domains;
mod check_readings;
mod check_round;
mod clear_generation;
mod close_organizations;
mod compact_organizations;
mod compact_readings;
mod copy_readings;
mod create_organization;
mod delete_account;
mod delete_organization;
mod delete_readings;
mod enrol_member;
mod export;
mod export_journal;
mod export_organization;
mod export_readings;
mod gather_costs;
mod gather_statistics;
mod purge_device;
mod restore_organization;
mod stack;
mod stream_blocks;
mod sync_groups;
mod tell_account;
mod tell_closing;
mod tell_domain;
mod tell_email_change;
pub(crate) mod tell_failure;
mod tell_invitation;
mod tell_members;
mod tell_owner;
mod tell_round;
mod upgrade_organization;
mod upgrade_organizations;
mod verify_domain;

use crate::App;
use aws_dynamodb::{Change, OrgTable};
use domain::journal::{Origin, Reason};
use domain::organization::{OrgStatus, Organization};
use domain::task::{Progress, Task, TaskKind};
use domain::{Grant, ServiceError};
use futures::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How far a job came. An error is tried again, where its kind says so; what can never succeed is [`Step::Fail`].
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a job, on the heap with the job's future"
)]
pub(crate) enum Step {
    /// Done: what it brings about in DynamoDB, which commits with the task's end.
    Done(Effect),
    /// Look again later.
    Wait(Wait),
    /// Failed by what its asker has to mend, for this reason, which they read. Nobody else is told.
    Refuse(String),
    /// Given up, for this reason, which its asker reads.
    Fail(String),
}

/// A pause within an attempt.
#[derive(Default)]
pub(crate) struct Wait {
    /// How long.
    pub delay: Duration,
    /// Where the job has got to; none leaves it as it is.
    pub state: Option<Value>,
    /// How far it is; none leaves it as it is.
    pub progress: Option<Progress>,
}

/// What the end of a task brings about in DynamoDB.
#[derive(Default)]
pub(crate) struct Effect {
    /// The writes.
    pub change: Change,
    /// The organisation's table, where the change has a journal entry.
    pub table: Option<OrgTable>,
    /// What the task's row shows for a result.
    pub result: Option<Value>,
}

impl Step {
    /// Look again after that long.
    fn wait(delay: Duration) -> Self {
        Self::Wait(Wait {
            delay,
            ..Wait::default()
        })
    }

    /// There is more to look at: a round goes on at once from where it is. How much there is nobody knows.
    fn go_on(round: &impl Serialize, message: String) -> Result<Self, ServiceError> {
        let state = serde_json::to_value(round).map_err(|why| ServiceError::Failed(why.to_string()))?;
        Ok(Self::Wait(Wait {
            delay: Duration::ZERO,
            state: Some(state),
            progress: Some(Progress::new(50, message)),
        }))
    }
}

/// Where an earlier step has left off; none at the beginning, or where another version of the system wrote what this one cannot read.
fn state<S: DeserializeOwned>(task: &Task) -> Option<S> {
    serde_json::from_value(task.state.clone()?).ok()
}

/// An organisation's table, opened by nobody but the system, for a reason that its journal tells; none while it is not in use.
fn by_the_system(app: &App, org: Organization, why: &str) -> Option<OrgTable> {
    let origin = Origin {
        reason: Reason::parse(why).ok(),
        ..Origin::default()
    };
    let grant = Grant::for_task(org.id, "system".to_owned(), org.status, org.table);
    app.tables.open(&grant.requested_from(origin)).ok()
}

impl Effect {
    /// Writes to the directory alone.
    fn silent(change: Change) -> Self {
        Self {
            change,
            ..Self::default()
        }
    }
}

/// Does the next piece of a task.
pub(crate) async fn run(app: &App, kind: TaskKind, task: &Task) -> Result<Step, ServiceError> {
    // In a box: each takes as much of the stack as it needs, not as the greatest of all would.
    let job = match kind {
        TaskKind::CreateOrganization => create_organization::run(app, task).boxed_local(),
        TaskKind::DeleteOrganization => delete_organization::run(app, task).boxed_local(),
        TaskKind::UpgradeOrganization => upgrade_organization::run(app, task).boxed_local(),
        TaskKind::UpgradeOrganizations => upgrade_organizations::run(app, task).boxed_local(),
        TaskKind::RestoreOrganization => restore_organization::run(app, task).boxed_local(),
        TaskKind::ClearGeneration => clear_generation::run(app, task).boxed_local(),
        TaskKind::ExportOrganization => export_organization::run(app, task).boxed_local(),
        TaskKind::ExportReadings => export_readings::run(app, task).boxed_local(),
        TaskKind::PurgeDevice => purge_device::run(app, task).boxed_local(),
        TaskKind::ActOnFilter => act_on_filter::run(app, task).boxed_local(),
        TaskKind::ExportJournal => export_journal::run(app, task).boxed_local(),
        TaskKind::SyncGroups => sync_groups::run(app, task).boxed_local(),
        TaskKind::EnrolMember => enrol_member::run(app, task).boxed_local(),
        TaskKind::VerifyDomain => verify_domain::run(app, task).boxed_local(),
        TaskKind::CheckDomains => check_domains::run(app, task).boxed_local(),
        TaskKind::TellDomain => tell_domain::run(app, task).boxed_local(),
        TaskKind::TellInvitation => tell_invitation::run(app, task).boxed_local(),
        TaskKind::TellClosing => tell_closing::run(app, task).boxed_local(),
        TaskKind::CloseOrganizations => close_organizations::run(app, task).boxed_local(),
        TaskKind::TellFailure => tell_failure::run(app, task).boxed_local(),
        TaskKind::TellAccount => tell_account::run(app, task).boxed_local(),
        TaskKind::DeleteAccount => delete_account::run(app, task).boxed_local(),
        TaskKind::TellEmailChange => tell_email_change::run(app, task).boxed_local(),
        TaskKind::TellLockout | TaskKind::TellSignUp => tell_owner::run(app, kind, task).boxed_local(),
        TaskKind::TellDevices | TaskKind::TellReadings => tell_round::run(app, kind, task).boxed_local(),
        TaskKind::CheckDevices => check_devices::run(app, task).boxed_local(),
        TaskKind::CheckReadings => check_readings::run(app, task).boxed_local(),
        TaskKind::CompactOrganizations => compact_organizations::run(app, task).boxed_local(),
        TaskKind::DeleteReadings => delete_readings::run(app, task).boxed_local(),
        TaskKind::CopyReadings => copy_readings::run(app, task).boxed_local(),
        TaskKind::CompactReadings => compact_readings::run(app, task).boxed_local(),
        TaskKind::GatherStatistics => gather_statistics::run(app, task).boxed_local(),
        TaskKind::GatherCosts => gather_costs::run(app, task).boxed_local(),
    };
    job.await
}

/// What a task's failure for good brings about: an organisation whose creation or deletion failed shows it, so that its owner can have
/// the task tried again, or the organisation deleted.
pub(crate) async fn given_up(app: &App, task: &Task) -> Result<Effect, ServiceError> {
    match task.known_kind() {
        Some(TaskKind::CreateOrganization | TaskKind::DeleteOrganization) => {
            settle(app, task, |_| OrgStatus::Failed).await
        }
        Some(TaskKind::RestoreOrganization) => unrestored(app, task).await,
        _ => Ok(Effect::default()),
    }
}

/// What calling a task off brings about: an organisation that was to be deleted is in use again, one that was to be created never will be;
/// an account, or readings, that were to be deleted stay.
pub(crate) async fn called_off(app: &App, task: &Task) -> Result<Effect, ServiceError> {
    match task.known_kind() {
        Some(TaskKind::CreateOrganization) => settle(app, task, |_| OrgStatus::Failed).await,
        Some(TaskKind::DeleteOrganization) => settle(app, task, Organization::at_rest).await,
        Some(TaskKind::RestoreOrganization) => unrestored(app, task).await,
        Some(TaskKind::DeleteAccount) => delete_account::called_off(app, task),
        Some(TaskKind::DeleteReadings) => delete_readings::called_off(app, task).await,
        _ => Ok(Effect::default()),
    }
}

/// An organisation that was not restored is in use on the table it had, and what was begun is cleared away.
async fn unrestored(app: &App, task: &Task) -> Result<Effect, ServiceError> {
    let effect = settle(app, task, Organization::at_rest).await?;
    restore_organization::abandoned(app, task, effect.change).map(Effect::silent)
}

/// The organisation's state at the task's end, unless another task has the organisation by now.
async fn settle(app: &App, task: &Task, status: impl Fn(&Organization) -> OrgStatus) -> Result<Effect, ServiceError> {
    let org = organization(app, task).await?;
    if org.task != task.id {
        return Ok(Effect::default());
    }
    let status = status(&org);
    // A deletion that failed is asked for again; one that was called off is over.
    let closing = org.closing.filter(|_| status == OrgStatus::Failed);
    let org = Organization { status, closing, ..org };
    app.directory
        .with_organization(Change::silent(), &org, task.id)
        .map(Effect::silent)
}

/// The organisation a task is for.
async fn organization(app: &App, task: &Task) -> Result<Organization, ServiceError> {
    let missing = || ServiceError::Failed("the task's organisation is not in the directory".to_owned());
    let org = task.org.ok_or_else(missing)?;
    app.directory.organization(org).await?.ok_or_else(missing)
}
