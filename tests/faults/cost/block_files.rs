//! What it costs to move a block to a file, and when that is repaid.

use super::DOLLARS;
use crate::crash::block_files::{plant, plant_plainly};
use crate::crash::rounds;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Dollars a PUT (AWS "Amazon S3 pricing", us-east-1).
const PUT: f64 = 0.000_005;
/// Dollars a GB and month: in a table, as its backup for point-in-time recovery, and in S3 (AWS "Amazon DynamoDB pricing", "Amazon S3 pricing").
const TABLE: f64 = 0.25 + 0.20;
const S3: f64 = 0.023;

/// The write units of a round in the organisation's table, the files that it wrote, and the bytes of the stream's blocks in rows.
async fn round(moves: bool) -> (f64, usize, usize) {
    let world = World::new(None).await;
    let (org, ..) = match moves {
        true => plant(&world).await,
        false => plant_plainly(&world).await,
    };
    rounds::ask_to_compact(&world, &org).await;
    let before = world.line.calls().len();
    world.run().await;
    let calls = world.line.calls();
    let units = calls.iter().skip(before).flat_map(|call| call.units.iter());
    let units = units.filter(|(table, _)| table.starts_with(&world.table_prefix()));
    let rows = world.emulator.rows(org.table.as_ref().unwrap()).await;
    let rows = rows.iter().filter(|row| row["expires_at"].is_null());
    let bytes = rows.filter_map(|row| STANDARD.decode(row["bytes"].as_str()?).ok());
    let files = world.emulator.objects(&world.name).await.len();
    (
        units.map(|(_, units)| units).sum(),
        files,
        bytes.map(|bytes| bytes.len()).sum(),
    )
}

#[tokio::test]
async fn moving_costs_a_unit_a_kilobyte_and_a_file() {
    let ((moved, files, left), (stayed, none, all)) = (round(true).await, round(false).await);
    let (units, bytes) = (moved - stayed, all - left);
    let cost = units * DOLLARS / 1e6 + files as f64 * PUT;
    let saved = bytes as f64 / 1e9 * (TABLE - S3);
    println!(
        "{units} write units and {files} file for {bytes} bytes: ${cost:.7}, repaid in {:.1} months",
        cost / saved
    );
    assert_eq!((files, none), (1, 0));
    // A row's last KB is begun, and two rows tell how far it is: of so small a file both weigh more than of a large one.
    assert!(
        bytes > 5_000 && units <= bytes as f64 / 1024.0 + 3.0,
        "{units} write units"
    );
}
