//! A file of blocks stays for as long as a block refers to it, or a restore could bring one back that does; then it goes.

use crate::crash::block_files::{DAY, plant, until_looked_through};
use crate::crash::rounds;
use crate::world::World;
use aws_dynamodb::{Change, OrgTable};
use domain::fleet::Device;
use domain::organization::Organization;
use domain::reading::{ReadingTime, VariableName};
use domain::stream::{Deletion, StreamSettings};
use domain::task::TaskKind;
use serde_json::{Value, json};

struct Plant {
    world: World,
    org: Organization,
    table: OrgTable,
    device: Device,
}

impl Plant {
    async fn new() -> Self {
        let world = World::new(None).await;
        let (org, table, device) = plant(&world).await;
        let plant = Self {
            world,
            org,
            table,
            device,
        };
        plant.round().await;
        plant
    }

    /// A night's round of the organisation.
    async fn round(&self) {
        rounds::ask_to_compact(&self.world, &self.org).await;
        self.world.run().await;
    }

    /// The round of the next day on which files are looked through.
    async fn look(&self) {
        self.world.move_on(DAY);
        until_looked_through(&self.world, &self.org);
        self.round().await;
    }

    async fn files(&self) -> Vec<String> {
        let objects = self.world.emulator.objects(&self.world.name).await.into_iter();
        objects.filter(|key| key.starts_with("blocks/")).collect()
    }

    /// Of each block of the stream, in their order, whether it lies in a file.
    async fn blocks(&self) -> Vec<bool> {
        let rows = self.rows("BLOCK#").await;
        rows.iter().map(|row| row["file"].is_string()).collect()
    }

    /// The rows of that partition that are not to go by themselves.
    async fn rows(&self, pk: &str) -> Vec<Value> {
        let rows = self.world.emulator.rows(self.org.table.as_ref().unwrap()).await;
        let stays =
            |row: &Value| row["pk"].as_str().is_some_and(|of| of.starts_with(pk)) && row["expires_at"].is_null();
        rows.into_iter().filter(stays).collect()
    }
}

#[tokio::test]
async fn what_no_block_refers_to_goes_when_no_restore_can_bring_one_back() {
    let plant = Plant::new().await;
    let files = plant.files().await;
    assert_eq!(files.len(), 1);
    assert_eq!(plant.blocks().await, [true, false], "what is young stays where it is");
    // For as long as it is referred to it stays, however often it is looked at.
    for _ in 0..8 {
        plant.look().await;
    }
    assert_eq!(
        (plant.files().await, plant.rows("UNUSEDFILE").await.len()),
        (files.clone(), 0)
    );
    let purged = plant.table.purge_device(plant.device.id, 10_000).await.unwrap();
    assert!(purged.complete);
    // It is found, and stays for 43 days: seven looks.
    for look in 0..7 {
        plant.look().await;
        let noted = plant.rows("UNUSEDFILE").await.len();
        assert_eq!((plant.files().await, noted), (files.clone(), 1), "look {look}");
    }
    plant.look().await;
    assert_eq!(
        (plant.files().await.len(), plant.rows("UNUSEDFILE").await.len()),
        (0, 0)
    );
}

#[tokio::test]
async fn what_is_deleted_out_of_a_file_is_written_anew_and_moves_again() {
    let plant = Plant::new().await;
    let (world, table) = (&plant.world, &plant.table);
    let variable = VariableName::parse("temperature").unwrap();
    let stream = table.stream(plant.device.id, &variable).await.unwrap().unwrap();
    assert!(stream.archived.is_some());
    let begun = i64::try_from((world.source.now() - 100 * DAY).as_nanosecond()).unwrap();
    let input = json!({ "device": plant.device.id, "variable": "temperature" });
    let task = crate::crash::ground::task(world, &plant.org, TaskKind::DeleteReadings).with_input(input);
    let deletion = Deletion {
        task: task.id,
        start: ReadingTime::from_nanos(begun + 100_000_000_000).unwrap(),
        end: ReadingTime::from_nanos(begun + 150_000_000_000).unwrap(),
        until: u64::try_from(world.source.now().as_millisecond()).unwrap(),
        done_at: None,
    };
    let settings = StreamSettings::of(variable)
        .deleting(deletion, world.source.now())
        .unwrap();
    let change = Change::told(crate::crash::ground::event("readings.deletion_requested"));
    let change = world.directory().with_task(change, &task).unwrap();
    let change = table.with_stream_settings(change, plant.device.id, &settings).unwrap();
    table.commit(change).await.unwrap();
    world.wake(&task).await;
    world.run().await;
    let directory = world.rows("directory").await;
    let counted = directory.iter().find_map(|row| row["result"]["count"].as_u64());
    assert_eq!(counted, Some(50));
    assert_eq!(plant.blocks().await, [false, false]);
    plant.round().await;
    assert_eq!(plant.blocks().await, [true, false]);
    assert_eq!(plant.files().await.len(), 2);
}
