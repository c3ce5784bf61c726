//! What a million readings cost on their way in: all that the worker writes for full batches, and what the function before it writes to keep its
//! caller within the rate limits.

use super::{DOLLARS, temperature};
use crate::crash::rounds;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blocks::{Reading, Status};
use domain::packed::PackedReadings;
use domain::task::{TaskSigner, UploadBody, UploadContent, UploadMessage};
use domain::{DeviceId, OrgId};

/// Uploads in a batch of the worker (template.yaml).
const BATCH: i64 = 100;
/// Write units of the rate limits for each request of a caller at full speed (`domain::rate`).
const LEASES: f64 = 0.05;
const SECOND: i64 = 1_000_000_000;

/// Dollars a million readings in POSTs of so many, each of one of so many streams.
async fn dollars(readings: i64, streams: i64) -> f64 {
    let world = World::new(None).await;
    let (_, table, device) = rounds::plant(&world).await;
    let upload = |nth: i64| {
        let range = (nth * readings, (nth + 1) * readings);
        upload(&world, (table.org(), device.id), nth % streams, range)
    };
    // The notes of the streams and of the device's first sign of life are once for all its uploads. Twice, for the streams' spans.
    for begun in [0, BATCH] {
        world
            .store(&(begun..begun + BATCH).map(upload).collect::<Vec<_>>())
            .await;
    }
    let before = world.line.calls().len();
    world
        .store(&(2 * BATCH..3 * BATCH).map(upload).collect::<Vec<_>>())
        .await;
    let calls = world.line.calls();
    let units: f64 = calls
        .iter()
        .skip(before)
        .flat_map(|call| &call.units)
        .map(|(_, units)| units)
        .sum();
    assert!(units >= streams as f64, "{units} write units for {streams} streams");
    let a_post = units / BATCH as f64 + LEASES;
    let dollars = a_post * 1e6 / readings as f64 * DOLLARS / 1e6;
    println!("POSTs of {readings}, {streams} streams: {a_post:.2} write units each: ${dollars:.5} a million readings");
    dollars
}

fn upload(world: &World, (org, device): (OrgId, DeviceId), stream: i64, (from, to): (i64, i64)) -> UploadMessage {
    let begun = i64::try_from(world.source.now().as_nanosecond()).unwrap() - 400_000 * SECOND;
    let reading = |second| Reading {
        time: begun + second * SECOND,
        value: (temperature(second) * 10.0).round() / 10.0,
        status: Status::Clean,
        id: None,
    };
    let variable = format!("temperature-{stream}").parse().unwrap();
    let sent = [(variable, (from..to).map(reading).collect())].into();
    let packed = PackedReadings::pack(sent).unwrap();
    UploadMessage {
        task: TaskSigner::new(b"secret").sign(org, world.source.ulid()),
        org,
        device,
        count: (to - from).unsigned_abs(),
        content: UploadContent::Readings,
        body: UploadBody::Inline(STANDARD.encode(packed.to_bytes().unwrap())),
        derived: 0,
    }
}

#[tokio::test]
async fn posts_of_a_thousand_readings_cost_at_most_a_third_of_a_cent_a_million() {
    for streams in [1, BATCH] {
        let dollars = dollars(1_000, streams).await;
        assert!(dollars <= 0.003, "${dollars} a million readings of {streams} streams");
    }
}

#[tokio::test]
async fn posts_of_ten_readings_cost_at_most_eight_cents_a_million_and_a_quarter_of_it_of_one_stream() {
    for (streams, most) in [(1, 0.02), (BATCH, 0.08)] {
        let dollars = dollars(10, streams).await;
        assert!(dollars <= most, "${dollars} a million readings of {streams} streams");
    }
}
