//! What a task costs beyond its effect, and what readings cost on their way in and when they are compacted, as DynamoDB counts it.

mod block_files;
mod filters;
mod ingest;

use crate::crash::{rounds, scenarios};
use crate::world::World;
use domain::task::TaskKind;
use jiff::SignedDuration;

/// Most write units of a task that runs through in one attempt (a transaction's writes count twice).
const MOST: f64 = 9.0;
/// What of the effect lies in the directory: the row that ends the sessions of the device.
const OF_THE_EFFECT: f64 = 2.0;

/// A task's own rows lie in the directory and in the outbox; what it brings about, and the change that asked for it, in the organisation's table, but for
/// [`OF_THE_EFFECT`].
#[tokio::test]
async fn a_task_costs_at_most_nine_write_units_beyond_its_effect() {
    let world = World::new(None).await;
    let purge = scenarios::ALL
        .iter()
        .find(|scenario| scenario.kind == TaskKind::PurgeDevice)
        .unwrap();
    (purge.begin)(&world).await;
    world.run().await;
    let mut sum = 0.0;
    for call in world.line.calls() {
        let own = call
            .units
            .iter()
            .filter(|(table, _)| !table.starts_with(&world.table_prefix()));
        for (table, units) in own {
            println!(
                "{units:4} write units: {} of {}",
                call.name,
                table.trim_start_matches(&world.name)
            );
            sum += units;
        }
    }
    println!("{sum:4} in all");
    assert!(sum > OF_THE_EFFECT && sum <= MOST + OF_THE_EFFECT, "{sum} write units");
}

/// Dollars a million write units, on demand (AWS "Amazon DynamoDB pricing", us-east-1).
const DOLLARS: f64 = 0.625;

/// A thermometer in tenths of a degree, asked each second.
fn temperature(second: i64) -> f64 {
    let noise = (second * 7_919).rem_euclid(13) / 6 - 1;
    (((second as f64) / 600.0).sin() * 50.0).round() / 10.0 + 20.0 + noise as f64 / 10.0
}

/// Twenty thousand readings in uploads of a thousand. The walk to the stream and the task's own rows are an organisation's, not a reading's.
#[tokio::test]
async fn compaction_costs_at_most_a_fifth_of_a_cent_a_million_readings() {
    let world = World::new(None).await;
    let uploads = |begun: i64| {
        let reading = |second: i64| {
            (
                begun + second * 1_000_000_000,
                (temperature(second) * 10.0).round() / 10.0,
            )
        };
        (0..20)
            .map(|upload| (upload * 1_000..(upload + 1) * 1_000).map(reading).collect())
            .collect()
    };
    let org = rounds::plant_with(&world, SignedDuration::from_hours(10), uploads).await;
    rounds::ask_to_compact(&world, &org).await;
    let before = world.line.calls().len();
    world.run().await;
    let calls = world.line.calls();
    let units = calls.iter().skip(before).flat_map(|call| call.units.iter());
    let units: f64 = units
        .filter(|(table, _)| table.starts_with(&world.table_prefix()))
        .map(|(_, units)| units)
        .sum();
    let dollars = units * 50.0 * DOLLARS / 1e6;
    println!("{units} write units: ${dollars:.5} a million readings");
    assert!(units > 0.0 && dollars <= 0.002, "${dollars} a million readings");
}
