//! Readings copied into another stream.

use crate::crash::ground;
use crate::crash::rounds::planted;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use domain::reading::{ReadingTime, VariableName};
use domain::task::{ReadingsCopy, StreamOf, Task, TaskKind};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::json;

/// What a copy starts from.
pub const ALL: &[Scenario] = &[Scenario {
    kind: TaskKind::CopyReadings,
    name: "a range of a stream is copied into another, out of blocks that overlap",
    begin: |world| copy(world).boxed_local(),
    leaves: &[
        "readings.copied",
        r#""count":6"#,
        "#01KAF2Z7M0V8Q4J3T6B9N5R1XC#0",
        r#""variable":"pressure""#,
        r#""status":"succeeded""#,
    ],
}];

/// Six of eight times, of which two uploads have four in common.
async fn copy(world: &World) {
    let ago = SignedDuration::from_hours(2);
    let uploads = |begun| [0, 2].map(|from| (from..from + 6).map(|n| (begun + n, from as f64)).collect());
    let (org, _, device) = planted(world, ago, |begun| uploads(begun).to_vec()).await;
    let begun = i64::try_from((world.source.now() - ago).as_nanosecond()).unwrap();
    let stream = |variable| StreamOf {
        device: device.id,
        variable: VariableName::parse(variable).unwrap(),
    };
    let asked = ReadingsCopy {
        source: stream("temperature"),
        target: stream("pressure"),
        start: ReadingTime::from_nanos(begun + 1).unwrap(),
        end: ReadingTime::from_nanos(begun + 7).unwrap(),
    };
    let task = Task {
        // Blocks are named by it.
        id: "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
        ..ground::task(world, &org, TaskKind::CopyReadings).with_input(json!(asked))
    };
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}
