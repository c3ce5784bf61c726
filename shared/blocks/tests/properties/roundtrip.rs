//! What is encoded comes back, to the bit.

use crate::{bits, status};
use blocks::{BlockError, MAX_READINGS, Reading, Status, WINDOW, decode, encode, split};
use proptest::prelude::*;

/// A value of any kind that sensors and devices send, and of the kinds that break float tricks.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u32>().prop_map(f64::from),
        (-5_000..5_000i32).prop_map(|n| f64::from(n) / 100.0),
        any::<u64>().prop_map(f64::from_bits),
        any::<u64>().prop_map(|payload| f64::from_bits(payload | 0x7ff << 52)),
        prop_oneof![
            Just(-0.0),
            Just(0.0),
            Just(f64::MIN_POSITIVE),
            Just(f64::MAX),
            Just(5e-324),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY)
        ],
    ]
}

fn message() -> impl Strategy<Value = Vec<Reading>> {
    let time = prop_oneof![
        any::<i64>(),
        (0..100i64).prop_map(|n| n * 1_000_000_000),
        (0..10i64).prop_map(|n| n * WINDOW)
    ];
    let id = prop_oneof![Just(None), any::<u32>().prop_map(Some)];
    let reading = (time, value(), status(), id).prop_map(|(time, value, status, id)| Reading {
        time,
        value,
        status,
        id,
    });
    proptest::collection::vec(reading, 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_block_of_a_message_comes_back(message in message()) {
        for block in split(message) {
            let bytes = encode(&block).expect("split makes what encode takes");
            prop_assert_eq!(bits(&decode(&bytes).expect("just encoded")), bits(&block));
        }
    }

    #[test]
    fn split_keeps_every_identity_once(message in message()) {
        let mut kept: Vec<_> = split(message.clone()).concat().iter().map(Reading::identity).collect();
        let mut sent: Vec<_> = message.iter().map(Reading::identity).collect();
        kept.sort_unstable();
        sent.sort_unstable();
        sent.dedup();
        prop_assert_eq!(kept, sent);
    }
}

fn clock(count: i64) -> Vec<Reading> {
    (0..count)
        .map(|n| Reading {
            time: n,
            value: n as f64 / 10.0,
            status: Status::Clean,
            id: None,
        })
        .collect()
}

#[test]
fn the_largest_block_comes_back() {
    let readings = clock(10_000);
    assert_eq!(decode(&encode(&readings).unwrap()), Ok(readings));
}

#[test]
fn a_clocked_sensor_takes_a_fraction_of_its_sixteen_bytes() {
    let reading = |n: i64| Reading {
        time: n * 10_000_000_000,
        value: ((n * 37) % 100) as f64 / 100.0 + 20.0,
        status: Status::Clean,
        id: None,
    };
    let bytes = encode(&(0..1_000).map(reading).collect::<Vec<_>>()).unwrap();
    assert!(bytes.len() < 1_500, "{} bytes", bytes.len());
}

#[test]
fn what_is_no_block_is_refused() {
    let with = |change: fn(&mut Vec<Reading>)| {
        let mut readings = clock(5);
        change(&mut readings);
        encode(&readings)
    };
    assert_eq!(with(Vec::clear), Err(BlockError::Empty));
    assert_eq!(
        encode(&clock(10_001)),
        Err(BlockError::TooMany {
            found: MAX_READINGS + 1
        })
    );
    assert_eq!(with(|r| r.swap(2, 3)), Err(BlockError::Unsorted { index: 3 }));
    assert_eq!(with(|r| r[3].time = 2), Err(BlockError::Unsorted { index: 3 }));
    assert_eq!(with(|r| r[4].id = Some(0)), Err(BlockError::MixedIds { index: 4 }));
}
