//! `cargo run -p tests --bin meter`: what the bill reckons with, measured on a local cloud of its own. It prints the first part of
//! `infra/bill/measured.yaml`; what nobody can measure here stands below it, under `known`.
//!
//! The functions are those of the development profile, and the emulator answers slower than AWS, so that times are beyond what AWS will bill.

#![expect(clippy::panic, reason = "a measurement that cannot go on says so and ends")]

mod log;
mod report;
mod work;

use log::Log;
use std::time::{Duration, Instant};
use tests::Organization;

/// How long nobody calls: a heartbeat, and some minutes.
const IDLE: Duration = Duration::from_secs(6 * 60);
/// What follows the last request of a piece of work comes within.
const SETTLED: Duration = Duration::from_secs(8);

#[tokio::main]
async fn main() {
    let org = Organization::new("Metered").await;
    let devices = work::devices(&org).await;
    let page = work::page(&org, &devices[0]);
    // What starts, starts now, and is no part of what each piece of work takes.
    work::uploads(&devices, 0..2).await;
    work::views(&org, &page, 2).await;
    work::changes(&org, 2).await;

    let log = Log::of("shared");
    println!("command: cargo run -p tests --bin meter");
    let (count, bytes) = settled(&log, || work::uploads(&devices[..1], 2..32)).await;
    log.tell("upload", count, bytes).await;
    let (count, bytes) = settled(&log, || work::uploads(&devices[1..], 2..14)).await;
    log.tell("upload_in_tens", count, bytes).await;
    let (count, bytes) = settled(&log, || work::views(&org, &page, 10)).await;
    log.tell("view", count, bytes).await;
    let (count, bytes) = settled(&log, || work::changes(&org, 20)).await;
    log.tell("change", count, bytes).await;
    let (count, bytes) = settled(&log, || work::sign_ins(5)).await;
    log.tell("sign_in", count, bytes).await;

    log.forget();
    let begun = Instant::now();
    tokio::time::sleep(IDLE).await;
    log.tell_idle(begun.elapsed()).await;
    log.tell_stored(&org, 20 + 30 + 9 * 12, work::report_bytes()).await;
}

/// Does a piece of work from an empty log on, and waits for what follows it: how many requests there were, and how many bytes of answers.
async fn settled(log: &Log, work: impl AsyncFnOnce() -> (u32, u64)) -> (u32, u64) {
    log.forget();
    let done = work().await;
    tokio::time::sleep(SETTLED).await;
    done
}
