//! Bytes that are no block, or no longer one, are refused: no panic, no more memory than a block needs.

use blocks::{BlockError, MAX_READINGS, Reading, Status, decode, encode};
use proptest::prelude::*;

fn sample(ids: bool) -> Vec<u8> {
    let reading = |n: u32| Reading {
        time: i64::from(n) * 1_000 + i64::from(n % 7),
        value: f64::from(n.wrapping_mul(2_654_435_761) % 1_000) / 10.0,
        status: if n % 50 < 40 { Status::Clean } else { Status::Dirty },
        id: ids.then_some(n),
    };
    encode(&(0..400).map(reading).collect::<Vec<_>>()).unwrap_or_default()
}

/// Makes the checksum true again, so that a change reaches the decoder behind it.
fn resign(mut block: Vec<u8>) -> Vec<u8> {
    if let Some((head, body)) = block.split_at_mut_checked(8) {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&head[..4]);
        hasher.update(body);
        head[4..].copy_from_slice(&hasher.finalize().to_le_bytes());
    }
    block
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_noticed(ids in any::<bool>(), at in any::<prop::sample::Index>(), change in 1..=255u8) {
        let mut block = sample(ids);
        let at = at.index(block.len());
        block[at] ^= change;
        prop_assert!(decode(&block).is_err());
    }

    #[test]
    fn changes_under_a_true_checksum_do_no_harm(
        ids in any::<bool>(),
        changes in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..6),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
    ) {
        let mut block = sample(ids);
        for (at, byte) in changes {
            let at = at.index(block.len());
            block[at] = byte;
        }
        block.truncate(if shorten { cut.index(block.len()) } else { block.len() });
        if let Ok(readings) = decode(&resign(block)) {
            prop_assert!(readings.len() <= MAX_READINGS);
            prop_assert!(encode(&readings).is_ok());
        }
    }

    #[test]
    fn noise_under_a_true_checksum_does_no_harm(
        flags in 0..4u8,
        kinds in (0..3u8, 0..6u8),
        noise in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let column = |kind: u8| [&[kind][..], &noise].concat();
        let block = block(flags, &[column(kinds.0), column(kinds.1)], &noise);
        if let Ok(readings) = decode(&block) {
            prop_assert!(encode(&readings).is_ok());
        }
    }
}

/// A block of a hundred readings with these columns of times and values, then whatever comes after.
fn block(flags: u8, columns: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
    let mut block = vec![1, flags, 100, 0, 0, 0, 0, 0];
    block.extend(columns.iter().map(|column| column.len() as u8));
    block.extend(columns.concat());
    block.extend(after);
    resign(block)
}

/// Times on a clock: kind, line, start, step.
const CLOCK: [u8; 4] = [0, 0, 0, 2];

#[test]
fn truncated_blocks_are_refused() {
    let block = sample(true);
    assert!((0..block.len()).all(|length| decode(&block[..length]).is_err()));
    assert!(decode(&[block.clone(), vec![0]].concat()).is_err());
}

#[test]
fn a_later_version_is_named() {
    let mut block = sample(false);
    block[0] = 2;
    assert_eq!(decode(&block), Err(BlockError::Version { found: 2 }));
}

#[test]
fn claims_of_memory_are_refused_before_it_is_taken() {
    // Modes and delta encodings as pco's chunk metadata has them: a dictionary of 2^25 - 1 entries; a lookback window
    // of 2^24.
    let dictionary = [0xf4, 0xff, 0xff, 0xff, 0xff];
    let lookback = [0x20, 0x17, 0, 0, 0];
    for chunk in [dictionary, lookback] {
        // Values as f64 of pco.
        let values = [&[2][..], &chunk, &[0]].concat();
        let refused = format!("{:?}", decode(&block(0, &[CLOCK.to_vec(), values], &[0])));
        assert!(refused.contains("mode") || refused.contains("looks back"), "{refused}");
    }
}

#[test]
fn claims_of_more_readings_are_refused() {
    // A whole number each: decimals, none of them exceptions.
    let good = [0, 0, 0, 0, 0, 2].to_vec();
    assert_eq!(
        decode(&block(0, &[CLOCK.to_vec(), good.clone()], &[0])).map(|readings| readings.len()),
        Ok(100)
    );
    let exceptions = [0, 0, 0xff, 0xff, 3, 0, 0, 2].to_vec();
    let runs = [4, 0xff, 0xff, 3, 3, 0, 2, 0, 0, 0, 0, 0, 2].to_vec();
    let overlong = [4, 1, 4, 0, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 2].to_vec();
    for values in [exceptions, runs, overlong, [&good[..], &[0]].concat()] {
        assert!(decode(&block(0, &[CLOCK.to_vec(), values], &[0])).is_err());
    }
    let backwards = [0, 0, 0, 1].to_vec();
    assert!(decode(&block(0, &[backwards, good], &[0])).is_err());
}
