//! What each kind of task starts from: the rows that whoever asks for it has written, and the task's message on its way.

use crate::crash::{domains, ground};
use crate::world::World;
use domain::email_domain::DomainStatus;
use domain::organization::OrgStatus;
use domain::task::TaskKind;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::json;

/// A story of a task.
pub struct Scenario {
    /// What the task does.
    pub kind: TaskKind,
    /// What happens.
    pub name: &'static str,
    /// Lays the ground and sets it going.
    pub begin: fn(&World) -> LocalBoxFuture<'_, ()>,
    /// What an undisturbed run leaves behind, among other things.
    pub leaves: &'static [&'static str],
}

/// All of them.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::CreateOrganization,
        name: "an organisation is created",
        begin: |world| create_organization(world).boxed_local(),
        leaves: &["organization.created", r#""status":"active""#, "stack Some(Complete)"],
    },
    Scenario {
        kind: TaskKind::DeleteOrganization,
        name: "an organisation is deleted",
        begin: |world| delete_organization(world).boxed_local(),
        leaves: &[r#""status":"deleted""#, r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::PurgeDevice,
        name: "a device is deleted over HTTP, and then purged",
        begin: |world| delete_device(world).boxed_local(),
        leaves: &["device.deleted", "device.purged", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::ExportJournal,
        name: "an organisation's journal is exported",
        begin: |world| export_journal(world).boxed_local(),
        leaves: &["journal.exported", "object exports/", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::TellFailure,
        name: "a task fails for good, and its asker and staff are told",
        begin: |world| fail(world).boxed_local(),
        leaves: &["dead ", r#""status":"failed""#, "mail ", "staff "],
    },
];

async fn create_organization(world: &World) {
    let (_, task) = ground::organization(world, OrgStatus::Provisioning, TaskKind::CreateOrganization).await;
    world.wake(&task).await;
}

async fn delete_organization(world: &World) {
    let (org, task) = ground::organization(world, OrgStatus::Deleting, TaskKind::DeleteOrganization).await;
    ground::stack(world, &org, 1).await;
    for prefix in ["archive", "events", "uploads"] {
        let key = format!("{prefix}/{}/one", org.id);
        let put = world.storage().put(&key, b"bytes".to_vec(), "text/plain").await;
        put.unwrap();
    }
    let (pk, user) = (format!("ORG#{}", org.id), "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
    let directory = world.table("directory");
    world.emulator.put_key(&directory, &pk, &format!("MEMBER#{user}")).await;
    world.emulator.put_key(&directory, &format!("USER#{user}"), &pk).await;
    // A domain that is verified, and somebody whom it has brought in once.
    domains::claim(world, &org, DomainStatus::Verified).await;
    for (pk, sk) in [
        (&pk, format!("ENROLLED#{user}")),
        (&format!("USER#{user}"), format!("ENROLLED#{}", org.id)),
    ] {
        world.emulator.put_key(&directory, pk, &sk).await;
    }
    world.wake(&task).await;
}

async fn delete_device(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    let device = ground::device(world, &table).await;
    ground::traces(world, &table, &device).await;
    ground::forget_tasks(world).await;
    let status = world.ask(|| ground::deletion(&org, &device)).await;
    // Where an answer was lost, whoever asks again (the client, or the commit itself) finds that the device of that version is gone.
    assert!([204, 404, 412].contains(&status), "{status}");
}

async fn export_journal(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    ground::device(world, &table).await;
    ground::forget_tasks(world).await;
    let task = ground::task(world, &org, TaskKind::ExportJournal).with_input(json!({ "from": null, "to": null }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

/// A purge that names no device can never succeed.
async fn fail(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    ground::forget_tasks(world).await;
    let task = ground::task(world, &org, TaskKind::PurgeDevice).with_input(json!({ "device": "none" }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}
