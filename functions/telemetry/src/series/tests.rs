//! However the inputs of a formula lie in blocks, what is read of it is what the formula makes of all of their readings.

use super::computed::Computed;
use super::input::Input;
use crate::gaps::find::find;
use crate::scaling::{Scaled, Scaling};
use crate::statistics::summarise::summarise;
use crate::stored::tests::{Memory, all_pages, memory, now, times};
use crate::stored::{Blocks, Bounds, Times, newest};
use ::statistics::Windows;
use blocks::Reading;
use domain::formula::{Formula, Steps};
use domain::stream::{Scale, StreamSettings};
use proptest::prelude::*;
use std::num::NonZeroU64;

/// `a` as it is stored, `b` with an output scale.
fn formula() -> Formula {
    Formula::parse("a + b * 100 / (b - 3)").unwrap()
}

fn scaling(scale: Option<Scale>) -> Scaling {
    let settings = StreamSettings {
        output_scale: scale,
        ..StreamSettings::of("x".parse().unwrap())
    };
    Scaling::of(&settings, Scaled::Stream, None)
}

fn half() -> Option<Scale> {
    Scale::new(0.0, 1.0, 2.0).ok()
}

/// What is to be read from a time on.
fn expected((a, b): (&Memory, &Memory), times: Times, floor: i64) -> Vec<Reading> {
    let inputs = [a.all(Times::ALL), scaling(half()).readings(b.all(Times::ALL)).collect()];
    let mut all = Steps::new(&formula(), vec![None; 2]).over(&inputs);
    all.retain(|of| (times.start.max(floor)..times.end).contains(&of.time));
    all
}

fn computed(formula: &Formula, a: Memory, b: Memory, floor: i64) -> Computed<'_, Memory> {
    let input = |source, scale| Input {
        source,
        scaling: scaling(scale),
    };
    Computed::new(formula, Some(vec![input(a, None), input(b, half())]), Some(floor))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_that_of_all_readings(
        a in memory(), b in memory(), times in times(), floor in -20..30i64, limit in 1..12usize, count in 1..12usize,
    ) {
        let expected = expected((&a, &b), times, floor);
        let formula = formula();
        let series = computed(&formula, a, b, floor);
        prop_assert_eq!(&now(all_pages(&series, times, limit)), &expected);
        let last = &expected[expected.len().saturating_sub(count)..];
        prop_assert_eq!(&now(newest(&series, times, count)).unwrap(), last);

        let windows = Windows::Every(NonZeroU64::new(9).unwrap());
        let found = now(summarise(&series, times, (&windows, false), (1_000, Bounds::REQUEST))).unwrap();
        let told = found.windows.iter().map(|of| (of.tally.count(), of.tally.first().value, of.tally.last().value));
        let chunks = expected.chunk_by(|a, b| windows.of(a.time) == windows.of(b.time));
        let chunks = chunks.map(|of| (of.len() as u64, of[0].value, of[of.len() - 1].value));
        prop_assert_eq!(told.collect::<Vec<_>>(), chunks.collect::<Vec<_>>());

        let begins = (times.start > 0).then_some(times.start);
        let ends = (times != Times::ALL && times.start < times.end).then_some(times.end);
        let at: Vec<i64> = begins.into_iter().chain(expected.iter().map(|of| of.time)).chain(ends).collect();
        let pairs = at.windows(2).map(|pair| (pair[0], pair[1])).filter(|(after, until)| until - after > 5);
        let (found, _) = now(find(&series, times, 5, 1_000)).unwrap();
        let found = found.iter().map(|gap| (gap.after, gap.until));
        prop_assert_eq!(found.collect::<Vec<_>>(), pairs.collect::<Vec<_>>());
    }

    #[test]
    fn an_edge_is_the_first_or_last_of_all(a in memory(), b in memory()) {
        let expected = expected((&a, &b), Times::ALL, 0);
        let formula = formula();
        let series = computed(&formula, a, b, 0);
        let edge = |ascending| {
            let part = now(series.page((0, i64::MAX), (ascending, None), 1)).unwrap();
            part.blocks.first().map(|of| if ascending { of.summary.first.time } else { of.summary.last.time })
        };
        prop_assert_eq!(edge(true), expected.first().map(|of| of.time));
        prop_assert_eq!(edge(false), expected.last().map(|of| of.time));
    }
}

#[test]
fn of_an_input_without_readings_nothing_is_computed_and_nothing_read() {
    let formula = formula();
    let series: Computed<'_, Memory> = Computed::new(&formula, None, None);
    let part = now(series.page((0, i64::MAX), (true, None), 16)).unwrap();
    assert_eq!((part.blocks.len(), part.read, part.next), (0, 0, None));
}
