//! What is older than its stream keeps gets a time to live, whatever call is lost on the way; the rest stays as it is.

use crate::crash::rounds;
use crate::line::Fault;
use crate::world::World;
use aws_dynamodb::Change;
use domain::reading::VariableName;
use domain::stream::{Days, StreamSettings};
use jiff::SignedDuration;

/// The time between the fault points that are tried.
const STRIDE: usize = 2;
const HOUR: i64 = 3_600_000_000_000;

/// Two uploads of three days ago and one of two hours ago, of a stream that keeps a day; how many blocks are to go once it was compacted,
/// how many there are, and how many calls it took.
async fn compacted(fault: Option<Fault>) -> (usize, usize, World) {
    let world = World::new(fault).await;
    let uploads = |begun: i64| [0, 1, 70].map(|hour| vec![(begun + hour * HOUR, 1.0)]).to_vec();
    let (org, table, device) = rounds::planted(&world, SignedDuration::from_hours(72), uploads).await;
    let settings = StreamSettings {
        retention: Days::try_from(1).ok(),
        version: 1,
        ..StreamSettings::of(VariableName::parse("temperature").unwrap())
    };
    let change = Change::told(crate::crash::ground::event("stream.updated"));
    table.put_stream_settings(change, device.id, &settings).await.unwrap();
    rounds::ask_to_compact(&world, &org).await;
    world.run().await;
    let rows = world.emulator.rows(org.table.as_ref().unwrap()).await;
    let blocks: Vec<_> = rows
        .iter()
        .filter(|row| row["pk"].as_str().is_some_and(|pk| pk.starts_with("BLOCK#")))
        .collect();
    let gone = blocks.iter().filter(|row| row["expires_at"].is_number()).count();
    (gone, blocks.len(), world)
}

#[tokio::test]
async fn what_is_too_old_goes_and_nothing_else() {
    let (gone, all, world) = compacted(None).await;
    assert_eq!((gone, all), (2, 3));
    let directory = world.rows("directory").await;
    let result = directory.iter().find_map(|row| row["result"]["expired"].as_u64());
    assert_eq!(result, Some(2));
    for nth in (0..world.line.calls().len()).step_by(STRIDE) {
        let [fault, ..] = Fault::all_at(nth);
        let (gone, all, _) = compacted(Some(fault)).await;
        assert_eq!((gone, all), (2, 3), "{fault:?}");
    }
}
