//! The rounds through all organisations: one of them, with one device, of which there is something to tell its owner.

use crate::crash::ground;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::{Change, OrgTable};
use blocks::{Acceptance, Reading, Status, StoredBlock};
use domain::fleet::Device;
use domain::organization::{OrgStatus, Organization};
use domain::reading::{ReadingTime, VariableName};
use domain::stream::{Deletion, StreamSettings};
use domain::task::{Task, TaskKind};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::json;

/// In the key of the block that takes the place of the three.
const COMPACTED: &str = "#00000000030000000000000000#c";

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
        kind: TaskKind::CompactOrganizations,
        name: "every organisation's readings are compacted, each by a task of its own",
        begin: |world| compact_all(world).boxed_local(),
        leaves: &[r#""kind":"readings.compact""#, COMPACTED],
    },
    Scenario {
        kind: TaskKind::CompactReadings,
        name: "blocks that overlap become one",
        begin: |world| compact(world).boxed_local(),
        leaves: &[r#""status":"succeeded""#, COMPACTED],
    },
    Scenario {
        kind: TaskKind::DeleteReadings,
        name: "a range is deleted, out of blocks that overlap",
        begin: |world| delete(world).boxed_local(),
        leaves: &["readings.deleted", r#""count":6"#, "done_at", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::GatherStatistics,
        name: "the figures of a day are gathered",
        begin: |world| gather(world).boxed_local(),
        leaves: &[r#""pk":"STATISTICS""#, r#""devices":1"#, r#""active":1"#],
    },
    Scenario {
        kind: TaskKind::GatherCosts,
        name: "what AWS has billed is read",
        begin: |world| scheduled(world, TaskKind::GatherCosts).boxed_local(),
        leaves: &[
            r#""pk":"COSTS""#,
            r#""last_month":1.5"#,
            r#""complete":true"#,
            r#""status":"succeeded""#,
        ],
    },
];

/// An organisation with one device.
pub async fn plant(world: &World) -> (Organization, OrgTable, Device) {
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

/// Three uploads' blocks of one stream, two hours old, which overlap.
async fn plant_with_blocks(world: &World) -> Organization {
    planted(world, TWO_HOURS, three_uploads).await.0
}

const TWO_HOURS: SignedDuration = SignedDuration::from_hours(2);

/// Each of six readings, a nanosecond apart, of which two are of times of the next.
fn three_uploads(begun: i64) -> Vec<Vec<(i64, f64)>> {
    let reading = move |upload: i64, n: i64| (begun + 4 * upload + n, upload as f64);
    let upload = move |upload| (0..6).map(|n| reading(upload, n)).collect();
    (1..=3).map(upload).collect()
}

/// An organisation with a stream of these readings (times in nanoseconds, values), a block an upload; they begin so long ago.
pub async fn plant_with(
    world: &World,
    ago: SignedDuration,
    uploads: impl FnOnce(i64) -> Vec<Vec<(i64, f64)>>,
) -> Organization {
    planted(world, ago, uploads).await.0
}

/// The same with its table and device.
pub async fn planted(
    world: &World,
    ago: SignedDuration,
    uploads: impl FnOnce(i64) -> Vec<Vec<(i64, f64)>>,
) -> (Organization, OrgTable, Device) {
    let (org, table, device) = plant(world).await;
    let variable = VariableName::parse("temperature").unwrap();
    let begun = i64::try_from((world.source.now() - ago).as_nanosecond()).unwrap();
    for (upload, readings) in (1..).zip(uploads(begun)) {
        let reading = |(time, value)| Reading {
            time,
            value,
            status: Status::Clean,
            id: None,
        };
        let readings: Vec<_> = readings.into_iter().map(reading).collect();
        let block = StoredBlock::encode(&readings, Acceptance::from_millis(upload)).unwrap();
        ground::block(&table, &device, &variable, block).await;
    }
    (org, table, device)
}

/// Deletes the last four times of the first upload and the first four of the second, as telemetry accepts it.
async fn delete(world: &World) {
    let (org, table, device) = planted(world, TWO_HOURS, three_uploads).await;
    let now = world.source.now();
    let begun = i64::try_from((now - TWO_HOURS).as_nanosecond()).unwrap();
    let input = json!({ "device": device.id, "variable": "temperature" });
    let task = ground::task(world, &org, TaskKind::DeleteReadings).with_input(input);
    let deletion = Deletion {
        task: task.id,
        start: ReadingTime::from_nanos(begun + 6).unwrap(),
        end: ReadingTime::from_nanos(begun + 12).unwrap(),
        until: u64::try_from(now.as_millisecond()).unwrap(),
        done_at: None,
    };
    let settings = StreamSettings::of(VariableName::parse("temperature").unwrap());
    let settings = settings.deleting(deletion, now).unwrap();
    let change = Change::told(ground::event("readings.deletion_requested"));
    let change = world.directory().with_task(change, &task).unwrap();
    let change = table.with_stream_settings(change, device.id, &settings).unwrap();
    table.commit(change).await.unwrap();
    world.wake(&task).await;
}

async fn compact_all(world: &World) {
    plant_with_blocks(world).await;
    scheduled(world, TaskKind::CompactOrganizations).await;
}

async fn compact(world: &World) {
    let org = plant_with_blocks(world).await;
    ask_to_compact(world, &org).await;
}

/// Has an organisation's readings compacted.
pub async fn ask_to_compact(world: &World, org: &Organization) {
    let now = world.source.now();
    let task = Task::queued(world.source.id(), org.id, TaskKind::CompactReadings, "system", now);
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn gather(world: &World) {
    plant(world).await;
    scheduled(world, TaskKind::GatherStatistics).await;
}
