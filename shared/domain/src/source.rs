//! Where time and randomness come from: passed in, so that a test can set the one and foretell the other.

use crate::id::Id;
use jiff::Timestamp;
use std::sync::Arc;
use ulid::Ulid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, UTC.
    fn now(&self) -> Timestamp;
}

/// Makes unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` from a cryptographically secure generator.
    fn fill(&self, bytes: &mut [u8]);
}

/// A clock and a source of randomness, handed to everything that needs the time, a new id or a secret.
#[derive(Clone)]
pub struct Source {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Source {
    /// Joins the two.
    pub fn new(clock: impl Clock + 'static, random: impl Random + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            random: Arc::new(random),
        }
    }

    /// The present instant, UTC.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new ULID of the present millisecond.
    pub fn ulid(&self) -> Ulid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        Ulid::from_parts(millis, u128::from_be_bytes(self.bytes()))
    }

    /// A new id.
    pub fn id<T: Id>(&self) -> T {
        T::from(self.ulid())
    }

    /// `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}
