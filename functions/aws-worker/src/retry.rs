//! When a failed attempt is tried again, and what its asker reads meanwhile.

use domain::{ServiceError, Source};
use std::time::Duration;

/// The first retry waits about this long; each further one twice as long.
const FIRST: Duration = Duration::from_secs(5);
/// SQS delays a message by at most 15 minutes (AWS "Amazon SQS delay queues").
const MOST: Duration = Duration::from_secs(15 * 60);

/// How long to wait after that many attempts: 5 s, 10 s, 20 s ... at most 15 minutes, the latter half of it random, so that tasks that
/// failed together do not come back together.
/// A service that said for how long to leave it alone is left alone for at least that long.
pub(crate) fn delay(attempts: u32, error: &ServiceError, source: &Source) -> Duration {
    let whole = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(MOST);
    let [dice] = source.bytes::<1>();
    let backed_off = whole / 2 + whole / 2 * u32::from(dice) / 255;
    match error {
        ServiceError::Throttled { after, .. } => backed_off.max(*after),
        _ => backed_off,
    }
}

/// A failure in words that tell nothing of the inside.
pub(crate) fn in_words(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Conflict => "another change came between; the task is tried again",
        ServiceError::Busy(_) | ServiceError::Throttled { .. } => "an AWS service was busy; the task is tried again",
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
        let busy = ServiceError::Busy("busy".into());
        let least = |attempts| delay(attempts, &busy, &Source::new(Dice(0), Dice(0)));
        let most = |attempts| delay(attempts, &busy, &Source::new(Dice(0), Dice(255)));
        assert_eq!((least(1), most(1)), (FIRST / 2, FIRST));
        assert_eq!((least(3), most(3)), (FIRST * 2, FIRST * 4));
        assert_eq!(most(u32::MAX), MOST);
    }
    #[test]
    fn a_service_is_left_alone_as_long_as_it_asks() {
        let after = Duration::from_secs(120);
        let cause = "slow down".to_owned();
        let asked = ServiceError::Throttled { after, cause };
        assert_eq!(delay(1, &asked, &Source::new(Dice(0), Dice(255))), after);
        assert_eq!(delay(9, &asked, &Source::new(Dice(0), Dice(255))), MOST);
    }
}
