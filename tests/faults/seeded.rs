//! A clock that moves when it is told to, and dice that fall as they fell before.

use domain::{Clock, Random};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// When every story begins: 2030, in seconds since the epoch.
const BEGINNING: i64 = 1_893_456_000;

/// The test's clock.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    /// A clock that stands where every story begins.
    pub fn at_the_beginning() -> Self {
        Self(Arc::new(AtomicI64::new(BEGINNING)))
    }

    /// Time passes.
    pub fn move_on(&self, by: SignedDuration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// The same dice in every run (splitmix64).
pub struct Dice(AtomicU64);

impl Dice {
    /// Dice that have not been thrown.
    pub fn new() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed ^ (mixed >> 31)).to_le_bytes()[0];
        }
    }
}
