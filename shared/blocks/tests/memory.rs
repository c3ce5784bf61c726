//! No bytes make a decoder panic, nor take more memory than the largest block needs.
//!
//! A hundred thousand blocks with changes in them, their checksums made true again so that the changes reach the
//! decoder; with `BLOCKS_MUTATIONS` as many as it says. One test alone in its binary, since it watches what the whole
//! process allocates.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

use blocks::{Columns, MAX_READINGS, Run, Status, StoredBlock, Values, decode_columns, encode_columns};
use peak_alloc::PeakAlloc;
use std::sync::Arc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Ten thousand readings of every column take less than one; a decoder holds some of them twice.
const MOST_BYTES: usize = 4 << 20;

/// `SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// A block of every kind of column.
fn seeds() -> Vec<Vec<u8>> {
    let count = 200i64;
    let each = |value: fn(i64) -> f64| Values::Numbers((0..count).map(value).collect());
    let text = |n: i64| Arc::from(["idle", "running", "stopped by hand"][(n * 7 % 3) as usize]);
    let values = [
        each(|n| (n * 37 % 100) as f64 / 10.0),
        each(|n| f64::from((n as f32).sin())),
        each(|n| (n as f64).sqrt().sin()),
        each(|n| (n / 50) as f64),
        each(|n| if n == 99 { f64::NAN } else { n as f64 }),
        Values::Integers((0..count).map(|n| n * n * 1_000_003).collect()),
        Values::Booleans((0..count).map(|n| n % 3 == 0).collect()),
        Values::Texts((0..count).map(text).collect()),
    ];
    let late = |n: i64| (n * 10_000 + n * n * 7_919 % 101) * 1_000_000;
    let block = |(n, values)| Columns {
        times: (0..count)
            .map(|at| if n % 2 == 0 { at * 1_000 } else { late(at) })
            .collect(),
        values,
        statuses: vec![(150, Status::Clean), (50, Status::Dirty)]
            .into_iter()
            .map(run)
            .collect(),
        ids: if n % 3 == 0 { (7..207).collect() } else { Vec::new() },
        accepted: if n % 3 == 1 {
            vec![run((20, 5)), run((180, 9))]
        } else {
            Vec::new()
        },
    };
    (0..)
        .zip(values)
        .map(block)
        .map(|columns| encode_columns(&columns).unwrap())
        .collect()
}

fn run<T>((length, value): (usize, T)) -> Run<T> {
    Run { length, value }
}

/// Changes bytes, and then some of: cuts it short, makes it longer, gives it a part of another.
fn mutate(block: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    for _ in 0..chance.below(4) {
        let at = chance.below(block.len());
        block[at] = chance.next() as u8;
    }
    match chance.below(8) {
        0 => block.truncate(chance.below(block.len())),
        1 => block.extend(chance.next().to_le_bytes()),
        2 => {
            let other = &seeds[chance.below(seeds.len())];
            let (at, from) = (chance.below(block.len()), chance.below(other.len()));
            block.truncate(at);
            block.extend_from_slice(&other[from..]);
        }
        3 => {
            let at = 8 + chance.below(block.len().saturating_sub(8));
            block.splice(at..(at + 3).min(block.len()), chance.next().to_le_bytes());
        }
        _ => {}
    }
}

/// Makes the checksum true again.
fn resign(block: &mut [u8]) {
    if let Some((head, body)) = block.split_at_mut_checked(8) {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&head[..4]);
        hasher.update(body);
        head[4..].copy_from_slice(&hasher.finalize().to_le_bytes());
    }
}

#[test]
fn changed_blocks_do_no_harm() {
    let mutations = std::env::var("BLOCKS_MUTATIONS").map_or(100_000, |count| count.parse().unwrap());
    let (seeds, mut chance, mut read) = (seeds(), Chance(2026), 0);
    for n in 0..mutations {
        let mut block = seeds[n % seeds.len()].clone();
        mutate(&mut block, &seeds, &mut chance);
        resign(&mut block);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let decoded = decode_columns(&block);
        let taken = MEMORY.peak_usage() - before;
        assert!(taken < MOST_BYTES, "{taken} bytes of memory for {block:?}");
        if let Ok(columns) = decoded {
            read += 1;
            assert!(columns.len() <= MAX_READINGS);
            assert!(encode_columns(&columns).is_ok(), "{block:?}");
        }
        let _ = StoredBlock::unseal(&mut block.as_slice());
    }
    // Some changes make another good block: the test reaches the end of the decoder.
    assert!(read > mutations / 100, "{read} of {mutations}");
}
