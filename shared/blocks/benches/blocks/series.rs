//! Seeded series such as machines send them. Nothing here depends on time or chance, so sizes can be compared from
//! one version to the next.

use blocks::{Reading, Status};
use std::f64::consts::TAU;

/// 2026-01-02T03:04:05Z.
const BEGIN: i64 = 1_767_323_045_000_000_000;
const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;
const LENGTH: usize = 50_000;

/// One stream's readings.
pub struct Series {
    /// What it is.
    pub name: &'static str,
    /// Bytes a reading that blocks of 10,000 should not exceed.
    pub bar: Option<f64>,
    /// Its readings.
    pub readings: Vec<Reading>,
}

/// Every series.
pub fn all() -> Vec<Series> {
    let series = |name, bar, times: Vec<i64>, values: Vec<f64>| Series {
        name,
        bar,
        readings: rows(&times, &values),
    };
    vec![
        series("temperature, clock", Some(0.75), clock(10), temperature(2, 13)),
        series("temperature, drifting clock", None, drifting(), temperature(2, 13)),
        series(
            "temperature, 50 ms of jitter",
            Some(1.8),
            jittered(),
            temperature(2, 13),
        ),
        series(
            "temperature, irregular with gaps",
            None,
            irregular(),
            temperature(2, 13),
        ),
        series("temperature as f32, clock", None, clock(10), single(temperature(2, 13))),
        series("pressure, three decimals, clock", None, clock(1), temperature(3, 13)),
        series("counter, clock", Some(0.4), clock(10), counter()),
        series("on/off, clock", Some(0.05), clock(10), on_off()),
        series("constant, clock", None, clock(10), vec![21.5; LENGTH]),
        series("vibration, four decimals", None, milliseconds(), vibration(1e4)),
        series("vibration, full precision", None, milliseconds(), vibration(0.0)),
        series("vibration as f32", None, milliseconds(), single(vibration(0.0))),
        series("pure noise, clock", Some(7.3), clock(10), noise()),
        with_ids(series(
            "temperature of reports, with ids",
            None,
            clock(10),
            temperature(2, 13),
        )),
    ]
}

/// Readings of these times and values.
pub fn rows(times: &[i64], values: &[f64]) -> Vec<Reading> {
    let row = |(time, value): (&i64, &f64)| Reading {
        time: *time,
        value: *value,
        status: Status::Clean,
        id: None,
    };
    times.iter().zip(values).map(row).collect()
}

fn with_ids(mut series: Series) -> Series {
    series
        .readings
        .iter_mut()
        .zip(70_000..)
        .for_each(|(reading, id)| reading.id = Some(id));
    series
}

/// Each so many seconds.
pub fn clock(seconds: i64) -> Vec<i64> {
    (0..LENGTH as i64).map(|n| BEGIN + n * seconds * SECOND).collect()
}

fn milliseconds() -> Vec<i64> {
    (0..LENGTH as i64).map(|n| BEGIN + n * MILLISECOND).collect()
}

/// A crystal 30 parts per million off, read to the millisecond.
fn drifting() -> Vec<i64> {
    let at = |n: i64| (n * 10_000_300_000) / MILLISECOND * MILLISECOND;
    (0..LENGTH as i64).map(|n| BEGIN + at(n)).collect()
}

/// Every 10 s, each up to 50 ms early or late, read to the millisecond.
fn jittered() -> Vec<i64> {
    let mut chance = Chance(11);
    let late = |_| (chance.unit() * 101.0) as i64 - 50;
    clock(10)
        .into_iter()
        .zip((0..LENGTH).map(late))
        .map(|(time, late)| time + late * MILLISECOND)
        .collect()
}

/// A reading whenever something happens, after 5 s on average, and an hour of silence now and then.
fn irregular() -> Vec<i64> {
    let mut chance = Chance(12);
    let step = |time: &mut i64, _| {
        let silence = if chance.unit() < 0.001 { 3_600_000 } else { 0 };
        *time += ((-chance.unit().ln() * 5_000.0) as i64 + 1 + silence) * MILLISECOND;
        Some(*time)
    };
    (0..LENGTH).scan(BEGIN, step).collect()
}

/// A daily cycle, and what wanders around it: AR(1) with steps of 0.05 in the unit of two decimals.
pub fn temperature(decimals: i32, seed: u64) -> Vec<f64> {
    let mut chance = Chance(seed);
    let scale = 10f64.powi(decimals);
    let step = |wander: &mut f64, n: usize| {
        *wander = *wander * 0.995 + chance.normal() * 0.05;
        let day = (n as f64 / 8_640.0 * TAU).sin() * 4.0;
        Some(((21.0 + day + *wander) * scale).round() / scale)
    };
    (0..LENGTH).scan(0.0, step).collect()
}

fn single(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| f64::from(value as f32)).collect()
}

/// Pieces made: none to three in each interval.
fn counter() -> Vec<f64> {
    let mut chance = Chance(14);
    (0..LENGTH)
        .scan(1_200_000.0, |made, _| {
            *made += (chance.unit() * 4.0).floor();
            Some(*made)
        })
        .collect()
}

/// A machine that runs and rests for half an hour each on average.
fn on_off() -> Vec<f64> {
    let mut chance = Chance(15);
    let step = |on: &mut bool, _| {
        *on ^= chance.unit() < 1.0 / 180.0;
        Some(f64::from(u8::from(*on)))
    };
    (0..LENGTH).scan(false, step).collect()
}

/// Two harmonics and noise; rounded to a fraction, or not for 0.
fn vibration(scale: f64) -> Vec<f64> {
    let mut chance = Chance(16);
    let at = |n: usize| {
        let phase = n as f64 * TAU / 20.0;
        let value = phase.sin() * 0.8 + (phase * 2.7).sin() * 0.3 + chance.normal() * 0.1;
        if scale > 0.0 {
            (value * scale).round() / scale
        } else {
            value
        }
    };
    (0..LENGTH).map(at).collect()
}

/// Random mantissas and signs.
fn noise() -> Vec<f64> {
    let mut chance = Chance(17);
    (0..LENGTH)
        .map(|_| f64::from_bits(chance.next() & !(0x7ff << 52) | 0x3ff << 52))
        .collect()
}

/// `SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0, exclusive, to 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Normal, of mean 0 and deviation 1: the sum of twelve, less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}
