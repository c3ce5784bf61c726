//! What a task costs beyond its effect, as DynamoDB counts it.

use crate::crash::scenarios;
use crate::world::World;
use domain::task::TaskKind;

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
