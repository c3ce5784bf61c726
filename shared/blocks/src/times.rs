//! The column of times: as whole numbers, or as what they are off the ticks of a clock.
//!
//! Readings that are each a little early or late cost a third less as distances from their clock than as distances
//! from each other, in which every lateness counts twice.

use crate::BlockError;
use crate::bytes::{Cursor, put, put_bytes, put_signed};
use crate::column::{self, Effort};
use crate::ints::{self, Form};
use crate::rounding::nearest;

/// The times as they are.
const PLAIN: u8 = 0;
/// `origin + unit * (tick * step / 2^16 + off)`.
const CLOCKED: u8 = 1;
/// The bits of a clock's step behind the binary point: enough to follow it through a block.
const FRACTION: u32 = 16;
/// How many times a clock is found by, about.
const SAMPLE: usize = 512;
/// The bits of a clock and of a second column.
const COST: f64 = 300.0;
/// Fewer times are not worth a clock.
const FEWEST: usize = 32;

/// Appends the column of these times, at least one, ascending.
pub fn write(times: &[i64], out: &mut Vec<u8>) -> Result<(), BlockError> {
    let clocked = if times.len() < FEWEST { None } else { Clocked::of(times) };
    match clocked {
        Some(clocked) => clocked.write(out),
        None => {
            out.push(PLAIN);
            ints::write(times, out)
        }
    }
}

/// Reads the column of `count` times, to the end of these bytes. Their order is not checked.
pub fn read(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<i64>, BlockError> {
    match bytes.byte()? {
        PLAIN => ints::read(bytes, count),
        CLOCKED => {
            let clock = (bytes.signed()?, bytes.number()?.cast_signed(), bytes.signed()?);
            let ticks = ints::open(bytes.bytes()?, count, |tick| tick)?;
            let mut times = ints::read(bytes, count)?;
            add_clock(clock, ticks, &mut times);
            Ok(times)
        }
        _ => Err(BlockError::Corrupt("its times are of an unknown kind")),
    }
}

/// Makes distances from a clock, of that origin, unit and step, the times that they stand for.
fn add_clock((origin, unit, step): (i64, i64, i64), ticks: Form<i64>, times: &mut [i64]) {
    let time = |tick, off: i64| origin.wrapping_add(unit.wrapping_mul(at(tick, step).wrapping_add(off)));
    match ticks {
        Form::Line { start, step } => {
            let mut tick = start;
            for off in times {
                *off = time(tick, *off);
                tick = tick.wrapping_add(step);
            }
        }
        Form::Each(ticks) => times
            .iter_mut()
            .zip(ticks)
            .for_each(|(off, tick)| *off = time(tick, *off)),
    }
}

/// Where a clock stands at a tick, in units. Of a product beyond 64 bits the low ones count, the same in both
/// directions: such a clock predicts nothing and is not chosen.
fn at(tick: i64, step: i64) -> i64 {
    tick.wrapping_mul(step) >> FRACTION
}

/// Times as distances from a clock.
struct Clocked {
    origin: i64,
    unit: u64,
    step: i64,
    ticks: Vec<i64>,
    off: Vec<i64>,
}

impl Clocked {
    /// Finds the clock of these times, if they keep to one and are shorter for it than their differences are.
    fn of(times: &[i64]) -> Option<Self> {
        let (origin, last) = (*times.first()?, *times.last()?);
        last.checked_sub(origin)?;
        let ticks = ticks(&column::differences(times))?;
        let (unit, elapsed) = ints::units(times, origin);
        let elapsed: Vec<i64> = elapsed.into_iter().map(u64::cast_signed).collect();
        let step = slope(&ticks, &elapsed)?;
        let off = |(tick, time): (&i64, &i64)| time.wrapping_sub(at(*tick, step));
        let off: Vec<i64> = ticks.iter().zip(&elapsed).map(off).collect();
        let clocked = column::sample(&off).concat();
        let plain: Vec<_> = column::sample(&elapsed).into_iter().map(column::differences).collect();
        let gain = (column::bits(plain.concat()) as f64 - column::bits(clocked.clone()) as f64) / clocked.len() as f64;
        let shorter = gain * times.len() as f64 > COST;
        shorter.then_some(Self {
            origin,
            unit,
            step,
            ticks,
            off,
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), BlockError> {
        out.push(CLOCKED);
        put_signed(self.origin, out);
        put(self.unit, out);
        put_signed(self.step, out);
        let mut ticks = Vec::new();
        ints::write(&self.ticks, &mut ticks)?;
        put_bytes(&ticks, out);
        ints::write_with(Effort::of_noise(&self.off), &self.off, out)
    }
}

/// The tick that each time is nearest to, going by the median distance; `None` where all distances are the same, or
/// fewer than nine in ten from one tick to the next.
fn ticks(apart: &[i64]) -> Option<Vec<i64>> {
    let mut some: Vec<i64> = apart.iter().step_by(apart.len() / SAMPLE + 1).copied().collect();
    let middle = some.len() / 2;
    let (_, median, _) = some.select_nth_unstable(middle);
    let rate = 1.0 / (*median).max(1) as f64;
    let passed = |apart: &i64| nearest(*apart as f64 * rate);
    let steady = some.iter().filter(|apart| passed(apart) == 1).count();
    if steady * 10 < some.len() * 9 || apart.iter().all(|each| Some(each) == apart.first()) {
        return None;
    }
    let mut ticks = Vec::with_capacity(apart.len() + 1);
    let mut tick = 0i64;
    ticks.push(tick);
    for apart in apart {
        tick = tick.wrapping_add(passed(apart));
        ticks.push(tick);
    }
    Some(ticks)
}

/// The slope of times over ticks by least squares over some of them, as a fixed-point number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be far from its bounds")]
fn slope(ticks: &[i64], times: &[i64]) -> Option<i64> {
    let rows = ticks.iter().zip(times).step_by(ticks.len() / SAMPLE + 1);
    let rows: Vec<_> = rows.map(|(tick, time)| (*tick as f64, *time as f64)).collect();
    let count = rows.len() as f64;
    let tick_mean = rows.iter().map(|row| row.0).sum::<f64>() / count;
    let time_mean = rows.iter().map(|row| row.1).sum::<f64>() / count;
    let (mut product, mut square) = (0.0, 0.0);
    for (tick, time) in rows {
        product += (tick - tick_mean) * (time - time_mean);
        square += (tick - tick_mean).powi(2);
    }
    let slope = (product / square * f64::from(1u32 << FRACTION)).round();
    (slope >= 1.0 && slope < 2f64.powi(62)).then_some(slope as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(times: &[i64]) -> (Option<u8>, Vec<i64>) {
        let mut out = Vec::new();
        write(times, &mut out).unwrap();
        (out.first().copied(), read(Cursor(&out), times.len()).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn late_and_missing_ticks_come_back(
            late in proptest::collection::vec((-400..400i64, 0..40u8), 32..600),
            origin in prop_oneof![-1_000_000..1_000_000i64, Just(i64::MIN + 400), Just(i64::MAX >> 1)],
            step in prop_oneof![1_000..10_000i64, Just(1 << 50)],
            unit in prop_oneof![Just(1i64), Just(1_000)],
        ) {
            let mut tick = 0i64;
            let mut times: Vec<i64> = late.iter().map(|(late, silence)| {
                tick += if *silence == 0 { 9 } else { 1 };
                origin.saturating_add(tick.saturating_mul(step).saturating_add(*late).saturating_mul(unit))
            }).collect();
            times.sort_unstable();
            prop_assert_eq!(there_and_back(&times).1, times);
        }

        #[test]
        fn any_ascending_times_come_back(mut times in proptest::collection::vec(any::<i64>(), 1..200)) {
            times.sort_unstable();
            prop_assert_eq!(there_and_back(&times).1, times);
        }
    }

    #[test]
    fn times_that_are_a_little_off_follow_a_clock() {
        let off = |n: i64| n * n * 7_919 % 101 - 50;
        let times: Vec<i64> = (0..2_000).map(|n| (n * 10_000 + off(n)) * 1_000_000).collect();
        assert_eq!(there_and_back(&times), (Some(CLOCKED), times));
        let exact: Vec<i64> = (0..2_000).map(|n| n * 10_000).collect();
        assert_eq!(there_and_back(&exact), (Some(PLAIN), exact));
    }
}
