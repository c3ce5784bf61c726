//! The machine's own clock and randomness: the one place that may name them.

use domain::{Clock, Random, Source};
use jiff::Timestamp;
use rand::Rng;

/// The machine's clock.
pub struct SystemClock;

/// The machine's cryptographically secure generator.
pub struct SystemRandom;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The machine's time and randomness.
pub fn system() -> Source {
    Source::new(SystemClock, SystemRandom)
}
