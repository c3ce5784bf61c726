//! The rounds through all organisations: one of them, with one device, of which there is something to tell its owner.

use crate::crash::ground;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::OrgTable;
use domain::fleet::Device;
use domain::organization::{OrgStatus, Organization};
use domain::reading::VariableName;
use domain::task::{Task, TaskKind};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::json;

/// What the rounds and their notices start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::CheckDevices,
        name: "a device has fallen silent, and its organisation's owner is told",
        begin: |world| check_devices(world).boxed_local(),
        leaves: &[r#""kind":"notice.devices""#, r#""count":1"#, "mail "],
    },
    Scenario {
        kind: TaskKind::CheckReadings,
        name: "readings are dated in the future, and their organisation's owner is told",
        begin: |world| check_readings(world).boxed_local(),
        leaves: &[r#""kind":"notice.readings""#, r#""told":true"#, "mail "],
    },
    Scenario {
        kind: TaskKind::TellDevices,
        name: "those who run an organisation are told of devices",
        begin: |world| tell(world, TaskKind::TellDevices).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::TellReadings,
        name: "those who run an organisation are told of readings",
        begin: |world| tell(world, TaskKind::TellReadings).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::GatherStatistics,
        name: "the figures of a day are gathered",
        begin: |world| gather(world).boxed_local(),
        leaves: &[r#""pk":"STATISTICS""#, r#""devices":1"#, r#""active":1"#],
    },
];

async fn plant(world: &World) -> (Organization, OrgTable, Device) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    let device = ground::device(world, &table).await;
    ground::forget_tasks(world).await;
    (org, table, device)
}

/// The task as its schedule accepts it.
async fn scheduled(world: &World, kind: TaskKind) {
    let now = world.source.now();
    let task = Task::scheduled(kind, now, now).with_input(json!({ "at": now }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn check_devices(world: &World) {
    let (_, table, device) = plant(world).await;
    let seen = world.source.now() - SignedDuration::from_hours(3);
    table.device_seen(device.id, seen).await.unwrap();
    // An earlier round has found it well.
    table.check_devices(seen, None).await.unwrap();
    scheduled(world, TaskKind::CheckDevices).await;
}

async fn check_readings(world: &World) {
    let (_, table, device) = plant(world).await;
    let variable = VariableName::parse("temperature").unwrap();
    let (latest, accepted) = ("2099-01-01T00:00:00Z".parse().unwrap(), world.source.now());
    table
        .note_future_reading(device.id, &variable, latest, accepted)
        .await
        .unwrap();
    scheduled(world, TaskKind::CheckReadings).await;
}

async fn tell(world: &World, kind: TaskKind) {
    let (org, ..) = plant(world).await;
    let task = Task::queued(world.source.id(), org.id, kind, "system", world.source.now());
    let task = task.child_of(world.source.id()).with_input(json!({ "count": 3 }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn gather(world: &World) {
    plant(world).await;
    scheduled(world, TaskKind::GatherStatistics).await;
}
