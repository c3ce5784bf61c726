//! What a filter costs on a stream's way in.

use crate::crash::filters;
use crate::world::World;
use jiff::SignedDuration;

/// The place of the stream, once a batch.
const PLACE: f64 = 1.0;
/// The same in a transaction, where everything counts twice, with the transition's line in the log, and the action's task and its note.
const TRANSITION: f64 = 2.0 * (1.0 + 1.0 + 2.0);

#[tokio::test]
async fn a_filter_costs_a_write_unit_a_batch_and_eight_where_it_acts() {
    let world = World::new(None).await;
    let (org, table, device) = filters::plant(&world).await;
    let store = async |value| {
        let before = world.line.calls().len();
        world.move_on(SignedDuration::from_secs(1));
        world.store(&[filters::upload(&world, &org, &device, &[value])]).await;
        let calls = world.line.calls();
        let units = calls.iter().skip(before).flat_map(|call| &call.units);
        units.map(|(_, units)| units).sum::<f64>()
    };
    // The notes of the stream are once for all its uploads.
    store(20.0).await;
    let without = store(20.0).await;
    filters::set(&world, &org, (&table, &device)).await;
    let (still, acted) = (store(20.0).await, store(90.0).await);
    println!(
        "write units of an upload: {without} without a filter, {still} with one, {acted} with a transition and an action"
    );
    assert_eq!((still - without, acted - without), (PLACE, TRANSITION));
}
