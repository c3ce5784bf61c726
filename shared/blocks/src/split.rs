//! Where one block ends and the next begins, so that a range query knows which keys to read.

use crate::reading::{Reading, dedupe};
use std::ops::RangeInclusive;

/// The width of the windows that no block crosses: 2^51 ns, about 26 days, aligned to the Unix epoch.
///
/// A store keeps blocks in the order of their last time. A block that touches a range may end after it, but never
/// after the window that the range ends in; without such a bound a query would have to read to the end of the stream.
pub const WINDOW: i64 = 1 << 51;

/// Most readings that [`split`] puts in a block: beyond some thousands a block compresses hardly better and costs
/// more to open.
pub const TARGET: usize = 4_096;

/// Cuts one message's readings of one stream into blocks: each ascending, of one kind (all with ids or all without),
/// within one [`WINDOW`] and of at most [`TARGET`] readings. Takes them in any order; of several with one identity
/// the last stays.
///
/// Deterministic: one message always makes the same blocks. Two of them can share a last time (one with ids and one
/// without, or more than [`TARGET`] readings of one time), so a store's key needs the message and the block's place
/// in this list as well.
pub fn split(readings: Vec<Reading>) -> Vec<Vec<Reading>> {
    let (with_ids, without): (Vec<_>, Vec<_>) = dedupe(readings).into_iter().partition(|reading| reading.id.is_some());
    let kinds = [with_ids, without];
    let blocks = kinds.iter().flat_map(|kind| split_into(kind, |r| r.time, TARGET));
    blocks.map(<[Reading]>::to_vec).collect()
}

/// Cuts readings of one kind, ascending, where windows end and where there are as many as a block should have.
pub fn split_into<R>(readings: &[R], time: impl Fn(&R) -> i64, target: usize) -> impl Iterator<Item = &[R]> {
    readings
        .chunk_by(move |a, b| window_of(time(a)) == window_of(time(b)))
        .flat_map(move |window| window.chunks(target))
}

fn window_of(time: i64) -> i64 {
    time.div_euclid(WINDOW)
}

/// The last times that blocks with a reading in `start..end` can have: from `start` to the end of the window that the
/// range ends in. `None` for an empty range. Not every block in these bounds touches the range; every block that does
/// is in them.
pub fn last_times_of(start: i64, end: i64) -> Option<RangeInclusive<i64>> {
    // Windows are a power of two wide, so setting the low bits gives a window's last nanosecond without overflow.
    (start < end).then(|| start..=((end - 1) | (WINDOW - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn reading(time: i64, id: Option<u32>) -> Reading {
        Reading {
            time,
            value: 0.0,
            status: Status::Clean,
            id,
        }
    }

    #[test]
    fn blocks_are_of_one_window_one_kind_and_bounded() {
        let mut readings: Vec<_> = (0..5_000).map(|n| reading(n, None)).collect();
        readings.extend([
            reading(-1, None),
            reading(WINDOW, None),
            reading(7, Some(1)),
            reading(i64::MIN, None),
            reading(i64::MAX, None),
        ]);
        let lengths: Vec<_> = split(readings)
            .iter()
            .map(|block| (block[0].time, block.len()))
            .collect();
        assert_eq!(
            lengths,
            [
                (7, 1),
                (i64::MIN, 1),
                (-1, 1),
                (0, 4_096),
                (4_096, 904),
                (WINDOW, 1),
                (i64::MAX, 1)
            ]
        );
    }

    #[test]
    fn a_range_reads_to_the_end_of_its_last_window() {
        assert_eq!(last_times_of(10, WINDOW), Some(10..=WINDOW - 1));
        assert_eq!(last_times_of(10, WINDOW + 1), Some(10..=2 * WINDOW - 1));
        assert_eq!(last_times_of(-5, 0), Some(-5..=-1));
        assert_eq!(last_times_of(0, i64::MAX), Some(0..=i64::MAX));
        assert_eq!(last_times_of(5, 5), None);
    }
}
