//! Readings written to a file.

use crate::crash::ground;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::OrgTable;
use blocks::{Acceptance, Reading, Status, StoredBlock};
use domain::fleet::Device;
use domain::organization::OrgStatus;
use domain::reading::VariableName;
use domain::task::{FileFormat, ReadingsExport, TaskKind};
use futures::FutureExt;
use serde_json::json;

/// What an export of readings starts from.
pub const ALL: &[Scenario] = &[Scenario {
    kind: TaskKind::ExportReadings,
    name: "readings of a device are exported",
    begin: |world| export(world).boxed_local(),
    leaves: &[
        "object exports/",
        "readings.exported",
        r#""readings":6"#,
        r#""status":"succeeded""#,
    ],
}];

/// Gives a stream three readings.
pub async fn readings(table: &OrgTable, device: &Device, variable: &VariableName) {
    let reading = |n: i64| Reading {
        time: n,
        value: 0.5,
        status: Status::Clean,
        id: None,
    };
    let block = StoredBlock::encode(&[1, 2, 3].map(reading), Acceptance(1)).unwrap();
    ground::block(table, device, variable, block).await;
}

async fn export(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    let device = ground::device(world, &table).await;
    ground::forget_tasks(world).await;
    let variables = ["pressure", "temperature"].map(|name| VariableName::parse(name).unwrap());
    for variable in &variables {
        readings(&table, &device, variable).await;
    }
    let asked = ReadingsExport {
        device: device.id,
        variables: variables.to_vec(),
        start: None,
        end: None,
        format: FileFormat::Parquet,
    };
    let task = ground::task(world, &org, TaskKind::ExportReadings).with_input(json!(asked));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}
