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

/// Dollars a million readings of one stream in POSTs of so many.
async fn dollars(readings: i64) -> f64 {
    let world = World::new(None).await;
    let (org, table, device) = rounds::plant(&world).await;
    let upload = |nth: i64| upload(&world, (table.org(), device.id), (nth * readings, (nth + 1) * readings));
    // The notes of the stream and of the device's first sign of life are once for all its uploads.
    world.store(&[upload(0)]).await;
    let before = world.line.calls().len();
    let batch: Vec<_> = (1..=BATCH).map(upload).collect();
    world.store(&batch).await;
    let calls = world.line.calls();
    let units: f64 = calls
        .iter()
        .skip(before)
        .flat_map(|call| &call.units)
        .map(|(_, units)| units)
        .sum();
    assert!(
        units >= BATCH as f64,
        "{units} write units for {BATCH} uploads of {}",
        org.id
    );
    let a_post = units / BATCH as f64 + LEASES;
    let dollars = a_post * 1e6 / readings as f64 * DOLLARS / 1e6;
    println!("POSTs of {readings}: {a_post:.2} write units each: ${dollars:.5} a million readings");
    dollars
}

fn upload(world: &World, (org, device): (OrgId, DeviceId), (from, to): (i64, i64)) -> UploadMessage {
    let begun = i64::try_from(world.source.now().as_nanosecond()).unwrap() - 200_000 * SECOND;
    let reading = |second| Reading {
        time: begun + second * SECOND,
        value: (temperature(second) * 10.0).round() / 10.0,
        status: Status::Clean,
        id: None,
    };
    let sent = [("temperature".parse().unwrap(), (from..to).map(reading).collect())].into();
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
    let dollars = dollars(1_000).await;
    assert!(dollars <= 0.003, "${dollars} a million readings");
}

#[tokio::test]
async fn posts_of_ten_readings_cost_at_most_eight_cents_a_million() {
    let dollars = dollars(10).await;
    assert!(dollars <= 0.08, "${dollars} a million readings");
}
