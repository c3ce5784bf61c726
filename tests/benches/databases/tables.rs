//! The tables.

use crate::data::{self, SERIES};
use crate::millwright::Millwright;
use crate::server::Server;
use crate::shelf::Kept;
use crate::{influx, victoria};
use blocks::Reading;
use std::time::{Duration, Instant};

/// How often each of the two kinds of measurements of single requests is repeated.
const ROUNDS: u32 = 40;
/// Readings in a compacted block.
const COMPACTED: usize = 10_000;

/// What one system took.
struct Measured {
    name: String,
    /// To take everything in.
    ingest: Duration,
    /// To keep a reading.
    bytes: f64,
    /// For the statistics of one series.
    statistics: Duration,
    /// How long the asker of those waited.
    latency: Duration,
}

/// What the function that takes uploads in takes a POST, by the form of its body.
pub async fn doors(readings: &[Vec<Reading>]) {
    let millwright = Millwright::start().await;
    let most = &readings[0][..10_000];
    let (json, lines, report) = (data::json(most), data::lines(most, ""), data::report(10_000));
    println!("10,000 readings in one POST: parsed, checked, queued");
    // The first request of a process is another matter.
    millwright.post(0, "application/json", &json);
    for (name, bar) in [("JSON", "10"), ("line protocol", ""), ("binary report", "2")] {
        let before = millwright.on_processor().0;
        for _ in 0..ROUNDS {
            match name {
                "JSON" => millwright.post(0, "application/json", &json),
                "line protocol" => millwright.post(0, "text/plain", &lines),
                _ => millwright.post_report(&report),
            }
        }
        let a_post = (millwright.on_processor().0 - before) / ROUNDS;
        println!("  {name:<52}{:>8.2} ms of CPU{bar:>10}", milliseconds(a_post));
    }
}

/// All systems with POSTs of so many readings.
pub async fn beside(readings: &[Vec<Reading>], batch: usize) {
    println!("{SERIES} series of {} readings, in POSTs of {batch}", readings[0].len());
    println!(
        "  {:<30}{:>12}{:>12}{:>14}{:>14}",
        "", "million/s", "bytes", "statistics", "statistics"
    );
    println!(
        "  {:<30}{:>12}{:>12}{:>14}{:>14}",
        "", "of CPU", "a reading", "ms of CPU", "ms, latency"
    );
    match influx::start().await {
        Some(server) => show(&influx(server, readings, batch).await),
        None => println!("  InfluxDB is not installed (apt-get install influxdb)"),
    }
    match victoria::start().await {
        Some(server) => show(&victoria(server, readings, batch).await),
        None => println!("  VictoriaMetrics is not installed (apt-get install victoria-metrics)"),
    }
    millwright(readings, batch).await;
}

fn show(measured: &Measured) {
    let million = (SERIES * 50_000) as f64 / 1e6 / measured.ingest.as_secs_f64();
    println!(
        "  {:<30}{million:>12.2}{:>12.2}{:>14.2}{:>14.2}",
        measured.name,
        measured.bytes,
        milliseconds(measured.statistics),
        milliseconds(measured.latency)
    );
}

async fn influx(server: Server, readings: &[Vec<Reading>], batch: usize) -> Measured {
    for lines in bodies(readings, batch) {
        influx::write(&server, lines).await;
    }
    let ingest = server.on_processor();
    let bytes = a_reading(influx::bytes_at_rest(&server).await, readings);
    let (before, begun) = (server.on_processor(), Instant::now());
    for n in 0..ROUNDS as usize {
        let answer = influx::statistics(&server, n % SERIES, range(readings)).await;
        assert!(answer.contains("stddev"), "{answer}");
    }
    measured(
        "InfluxDB",
        ingest,
        bytes,
        (server.on_processor() - before, begun.elapsed()),
    )
}

async fn victoria(server: Server, readings: &[Vec<Reading>], batch: usize) -> Measured {
    for lines in bodies(readings, batch) {
        victoria::write(&server, lines).await;
    }
    let ingest = server.on_processor();
    let bytes = a_reading(victoria::bytes_at_rest(&server).await, readings);
    let (before, begun) = (server.on_processor(), Instant::now());
    for n in 0..ROUNDS as usize {
        let answer = victoria::statistics(&server, n % SERIES, range(readings)).await;
        assert!(answer.contains("last_over_time"), "{answer}");
    }
    measured(
        "VictoriaMetrics",
        ingest,
        bytes,
        (server.on_processor() - before, begun.elapsed()),
    )
}

async fn millwright(readings: &[Vec<Reading>], batch: usize) {
    let millwright = Millwright::start().await;
    for (series, readings) in readings.iter().enumerate() {
        for readings in readings.chunks(batch) {
            millwright.post(series, "text/plain", &data::lines(readings, ""));
        }
    }
    millwright.store();
    let (function, worker) = millwright.on_processor();
    let kept = millwright.shelf().blocks();
    let billed: usize = kept.iter().map(|kept| kept.billed).sum();
    let bytes = a_reading(billed as u64, readings);
    let (before, begun) = (millwright.on_processor().0, Instant::now());
    for n in 0..ROUNDS as usize {
        let answer = millwright.statistics(n % SERIES, range(readings));
        let counts = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|window| window["count"].as_u64().unwrap());
        assert_eq!(counts.sum::<u64>(), readings[0].len() as u64);
    }
    let asked = (millwright.on_processor().0 - before, begun.elapsed());
    show(&measured("Millwright", function + worker, bytes, asked));
    let compacted = a_reading(compacted(&kept), readings);
    println!("  {:<30}{:>12}{compacted:>12.2}", "  once compacted", "");
    println!(
        "  of which function {:.0} ms, worker {:.0} ms of CPU",
        milliseconds(function),
        milliseconds(worker)
    );
}

/// What is billed once blocks are of ten thousand readings.
fn compacted(kept: &[Kept]) -> u64 {
    let readings: Vec<_> = kept
        .iter()
        .flat_map(|kept| blocks::decode(&kept.bytes).unwrap())
        .collect();
    let overhead = kept.first().map_or(0, |kept| kept.billed - kept.bytes.len());
    let block = |readings: &[Reading]| blocks::encode(readings).unwrap().len() + overhead;
    let sizes = readings
        .chunk_by(|a, b| a.time <= b.time)
        .flat_map(|series| series.chunks(COMPACTED));
    sizes.map(|readings| block(readings) as u64).sum()
}

fn measured(name: &str, ingest: Duration, bytes: f64, (cpu, waited): (Duration, Duration)) -> Measured {
    Measured {
        name: name.to_owned(),
        ingest,
        bytes,
        statistics: cpu / ROUNDS,
        latency: waited / ROUNDS,
    }
}

/// Every POST to a database: readings of one series each.
fn bodies(readings: &[Vec<Reading>], batch: usize) -> impl Iterator<Item = String> {
    let series = readings.iter().enumerate();
    series.flat_map(move |(number, readings)| {
        let tag = format!(",device={number}");
        readings.chunks(batch).map(move |readings| data::lines(readings, &tag))
    })
}

fn range(readings: &[Vec<Reading>]) -> (i64, i64) {
    let (first, last) = (readings[0].first().unwrap(), readings[0].last().unwrap());
    (first.time, last.time + 1)
}

fn a_reading(bytes: u64, readings: &[Vec<Reading>]) -> f64 {
    bytes as f64 / readings.iter().map(Vec::len).sum::<usize>() as f64
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
