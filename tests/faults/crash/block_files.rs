//! Older blocks move to files, and files that no block refers to go.

use crate::crash::scenarios::Scenario;
use crate::crash::{ground, rounds};
use crate::world::World;
use aws_dynamodb::{Change, OrgTable};
use domain::block_files::{ArchiveAge, BlockFile, FileName, is_looked_through};
use domain::fleet::Device;
use domain::organization::{Organization, Profile};
use domain::reading::VariableName;
use domain::task::TaskKind;
use futures::FutureExt;
use jiff::SignedDuration;

/// What the rounds of organisations whose readings lie in files start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::CompactReadings,
        name: "blocks that are old enough move to a file",
        begin: |world| archive(world).boxed_local(),
        leaves: &[
            r#""file":""#,
            r#""archived":"#,
            "object blocks/",
            r#""status":"succeeded""#,
        ],
    },
    Scenario {
        kind: TaskKind::CompactReadings,
        name: "of two files that no block refers to one is noted and one goes",
        begin: |world| look(world).boxed_local(),
        leaves: &[r#""pk":"UNUSEDFILE""#, "object blocks/", r#""status":"succeeded""#],
    },
];

const SECOND: i64 = 1_000_000_000;
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Two uploads of a hundred days ago that lie over one another, and one of twenty days ago, of numbers that no compression makes small.
fn uploads(begun: i64) -> Vec<Vec<(i64, f64)>> {
    let upload = |from: i64| (from..from + 1_200).map(move |n| (begun + SECOND * n, tests::noise(n + from)));
    [0, 600, 80 * 86_400].map(|from| upload(from).collect()).to_vec()
}

/// An organisation as in [`plant`], whose readings stay where they are.
pub async fn plant_plainly(world: &World) -> (Organization, OrgTable, Device) {
    rounds::planted(world, 100 * DAY, uploads).await
}

/// An organisation whose readings move to files after thirty days, with a stream of 1,800 readings of a hundred days ago, and 1,200 of twenty.
pub async fn plant(world: &World) -> (Organization, OrgTable, Device) {
    let (org, table, device) = plant_plainly(world).await;
    let profile = Profile {
        archive_readings_after: ArchiveAge::try_from(30).ok(),
        version: 2,
        ..Profile::default()
    };
    let change = Change::told(ground::event("organization.updated"));
    let stored = world.directory().update_profile(&table, change, &org, &profile).await;
    stored.unwrap();
    (org, table, device)
}

async fn archive(world: &World) {
    let (org, ..) = plant(world).await;
    rounds::ask_to_compact(world, &org).await;
}

/// Lets days pass until the organisation's files are looked through.
pub fn until_looked_through(world: &World, org: &Organization) {
    while !is_looked_through(org.id, world.source.now()) {
        world.move_on(DAY);
    }
}

async fn look(world: &World) {
    let (org, table, device) = rounds::plant(world).await;
    until_looked_through(world, &org);
    let file = |hash: u8| BlockFile {
        device: device.id,
        variable: VariableName::parse("temperature").unwrap(),
        name: FileName::new((1, 2), org.task, &[hash; 32]),
    };
    for hash in [1, 2] {
        let key = file(hash).key(org.id);
        world
            .storage()
            .put(&key, vec![hash], "application/octet-stream")
            .await
            .unwrap();
    }
    let long_ago = world.source.now() - 44 * DAY;
    table.note_unused_file(&file(1), long_ago).await.unwrap();
    rounds::ask_to_compact(world, &org).await;
}
