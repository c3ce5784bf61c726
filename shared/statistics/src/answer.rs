//! Windows of a range, each with its tally.

use crate::groups::{Group, Rows, groups};
use crate::{Percentiles, Tally, Window, Windows};
use blocks::{Accepted, BlockError, Point, StoredBlock, Summary};

/// What to summarise.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The first nanosecond of the range.
    pub start: i64,
    /// The first nanosecond after the range.
    pub end: i64,
    /// How the range is cut.
    pub windows: Windows,
    /// Whether tallies tell percentiles, for which every block must be opened.
    pub percentiles: bool,
}

/// One window with at least one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowTally {
    /// Where the window begins: the first may begin before the range. Of [`Windows::Whole`], the range's start.
    pub start: i64,
    /// Its readings that are in the range.
    pub tally: Tally,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The windows that have readings, ascending.
    pub windows: Vec<WindowTally>,
    /// How many blocks had to be decoded; the others were answered from their stored summaries.
    pub decoded: usize,
}

/// Summarises the readings of a range, window by window.
///
/// `blocks` must hold every block of the stream that touches the range, `loose` every reading that is in no block; others
/// do no harm. Of several readings of one identity the latest acceptance counts, as [`blocks::latest`] has it. Fails
/// where a block that has to be opened is none, or holds texts.
pub fn answer(blocks: &[StoredBlock], loose: &[Accepted], ask: &Ask) -> Result<Answer, BlockError> {
    let mut answer = Answer {
        windows: Vec::new(),
        decoded: 0,
    };
    for group in groups(blocks, loose, (ask.start, ask.end)) {
        answer.add_group(&group, ask)?;
    }
    Ok(answer)
}

/// Which of these blocks [`answer`] opens, as places: the others count by their stored summaries.
pub fn opened(blocks: &[StoredBlock], loose: &[Accepted], ask: &Ask) -> Vec<usize> {
    let groups = groups(blocks, loose, (ask.start, ask.end)).into_iter();
    let opened = groups.filter(|group| ask.closed(group).is_none());
    opened.flat_map(Group::into_places).collect()
}

impl Ask {
    /// What a group adds unopened, and to which window; none if it has to be opened.
    fn closed<'a>(&self, group: &Group<'a>) -> Option<(&'a Summary, Window)> {
        let summary = group.summary().filter(|_| !self.percentiles)?;
        Some((summary, self.window_of(summary)?))
    }

    /// The window that all of a block lies in, if there is one and the block lies in the range.
    fn window_of(&self, block: &Summary) -> Option<Window> {
        let (first, last) = (block.first.time, block.last.time);
        let window = self.windows.of(first);
        (self.start <= first && last < self.end && window.holds(last)).then_some(window)
    }
}

impl Answer {
    fn add_group(&mut self, group: &Group<'_>, ask: &Ask) -> Result<(), BlockError> {
        if let Some((summary, window)) = ask.closed(group) {
            self.add(window, Tally::from(*summary), ask);
            return Ok(());
        }
        self.decoded += group.blocks();
        let Rows { times, values } = group.open((ask.start, ask.end))?;
        let (mut times, mut values) = (times.as_slice(), values.as_slice());
        while let Some(first) = times.first() {
            let window = ask.windows.of(*first);
            let count = times.partition_point(|time| *time <= window.last);
            let (Some((now, later)), Some((these, others))) =
                (times.split_at_checked(count), values.split_at_checked(count))
            else {
                break;
            };
            if let Some(tally) = tally(now, these, ask.percentiles) {
                self.add(window, tally, ask);
            }
            (times, values) = (later, others);
        }
        Ok(())
    }

    fn add(&mut self, window: Window, tally: Tally, ask: &Ask) {
        let start = if ask.windows == Windows::Whole {
            ask.start
        } else {
            window.start
        };
        match self.windows.last_mut() {
            Some(last) if last.start == start => last.tally.add(&tally),
            _ => self.windows.push(WindowTally { start, tally }),
        }
    }
}

fn tally(times: &[i64], values: &[f64], percentiles: bool) -> Option<Tally> {
    let point = |time: Option<&i64>, value: Option<&f64>| {
        Some(Point {
            time: *time?,
            value: *value?,
        })
    };
    let first = point(times.first(), values.first())?;
    let last = point(times.last(), values.last())?;
    let tally = Tally::from(Summary::of_values(values, first, last)?);
    Some(match percentiles {
        true => tally.with(Percentiles::of(values)),
        false => tally,
    })
}
