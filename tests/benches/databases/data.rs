//! What is sent: twenty thermometers, asked each ten seconds for six days, in hundredths of a degree.

use crate::series;
use blocks::Reading;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How many there are.
pub const SERIES: usize = 20;
/// What Millwright calls a series in line protocol: measurement and field.
pub const VARIABLE: &str = "temperature.value";

/// Their readings.
pub fn all() -> Vec<Vec<Reading>> {
    (0..SERIES as u64)
        .map(|seed| series::rows(&series::clock(10), &series::temperature(2, 13 + seed)))
        .collect()
}

/// A series' device.
pub fn device(series: usize) -> String {
    format!("dev_01KAF2Z7M0V8Q4J3T6B9N5R1{series:02}")
}

/// Readings in line protocol, each with that tag (or none) behind the measurement.
pub fn lines(readings: &[Reading], tag: &str) -> String {
    let mut lines = String::new();
    for Reading { time, value, .. } in readings {
        writeln!(lines, "temperature{tag} value={value} {time}").unwrap();
    }
    lines
}

/// Readings as JSON.
pub fn json(readings: &[Reading]) -> String {
    let reading = |reading: &Reading| {
        let (time, value) = (rfc3339(reading.time), reading.value);
        format!(r#"{{"variable":"{VARIABLE}","time":"{time}","value":{value}}}"#)
    };
    let readings: Vec<_> = readings.iter().map(reading).collect();
    format!(r#"{{"readings":[{}]}}"#, readings.join(","))
}

/// A report of the samples' device with so many readings, as `domain::reports` describes it.
pub fn report(readings: u32) -> Vec<u8> {
    let length = 20 + readings * 16 + 24;
    let mut report = (length << 8 | 1).to_le_bytes().to_vec();
    for number in [12_345u32, 1, readings] {
        report.extend(number.to_le_bytes());
    }
    report.extend([0, 0, 0xff, 0x5f]);
    for n in 0..readings {
        report.extend(0x5001u32.to_le_bytes());
        for number in [n + 1, n, 2_000 + n % 50] {
            report.extend(number.to_le_bytes());
        }
    }
    report.extend(1u32.to_le_bytes());
    report.extend(readings.to_le_bytes());
    let digest = Sha256::digest(&report);
    report.extend(&digest[..16]);
    report
}

/// A time as clients write it.
pub fn rfc3339(nanoseconds: i64) -> String {
    Timestamp::from_nanosecond(nanoseconds.into()).unwrap().to_string()
}
