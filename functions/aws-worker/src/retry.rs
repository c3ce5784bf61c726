//! When a failed attempt is tried again, and what its asker reads meanwhile.

use domain::{ServiceError, Source};
use std::time::Duration;

/// The first retry waits about this long; each further one twice as long.
const FIRST: Duration = Duration::from_secs(5);
/// SQS delays a message by at most 15 minutes (AWS "Amazon SQS delay queues").
const MOST: Duration = Duration::from_secs(15 * 60);

/// How long to wait after that many attempts: 5 s, 10 s, 20 s ... at most 15 minutes, the latter half of it random, so that tasks that
/// failed together do not come back together.
pub(crate) fn delay(attempts: u32, source: &Source) -> Duration {
    let whole = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(MOST);
    let [dice] = source.bytes::<1>();
    whole / 2 + whole / 2 * u32::from(dice) / 255
}

/// A failure in words that tell nothing of the inside.
pub(crate) fn in_words(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Conflict => "another change came between; the task is tried again",
        ServiceError::Busy(_) => "an AWS service was busy; the task is tried again",
        ServiceError::Failed(_) => "an AWS service failed; the task is tried again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Clock, Random};

    struct Dice(u8);
    impl Clock for Dice {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
    }
    impl Random for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn delays_double_and_end_at_what_sqs_allows() {
        let least = |attempts| delay(attempts, &Source::new(Dice(0), Dice(0)));
        let most = |attempts| delay(attempts, &Source::new(Dice(0), Dice(255)));
        assert_eq!((least(1), most(1)), (FIRST / 2, FIRST));
        assert_eq!((least(3), most(3)), (FIRST * 2, FIRST * 4));
        assert_eq!(most(u32::MAX), MOST);
    }
}
