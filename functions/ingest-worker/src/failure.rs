//! Why an upload was not stored: in words for its asker, with the cause for the log.

use domain::ServiceError;
use domain::task::{MAX_ATTEMPTS, UploadMessage};
use lambda::{Delivery, Outcome, settle};
use std::fmt;

const BUSY: &str = "a service behind Millwright failed, time and again";
const BROKEN: &str = "something failed on our side";

/// Deliveries after which a message that has no outcome is taken for one that ends the worker, and not tried again. An hour and a half
/// of waiting untried stays below it, and it leaves some of the twenty deliveries after which SQS itself gives a message up, wordless.
const MAX_UNANSWERED: u32 = 15;

/// Why an upload was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may succeed later.
    Again(Reason),
    /// It never will.
    Never(Reason),
    /// It was not tried: one before it in its group must come again, or its table is not known. No failure, but SQS counts the delivery.
    Untried(String),
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    words: String,
    cause: Option<String>,
}

impl Failure {
    /// What the asker can understand, and maybe mend.
    pub fn never(words: impl fmt::Display) -> Self {
        let (words, cause) = (words.to_string(), None);
        Self::Never(Reason { words, cause })
    }

    /// What the asker has no part in.
    pub fn broken(cause: impl fmt::Display) -> Self {
        Self::Never(Reason {
            words: BROKEN.to_owned(),
            cause: Some(cause.to_string()),
        })
    }

    /// For a message behind one of its group that must come again.
    pub fn behind() -> Self {
        Self::Untried("a message before it in its group must come again".to_owned())
    }

    /// For a message that the worker has not survived, as it seems.
    pub fn unanswered() -> Self {
        Self::broken("the worker ended without an answer, time and again")
    }

    fn again(words: &str, cause: impl fmt::Display) -> Self {
        Self::Again(Reason {
            words: words.to_owned(),
            cause: Some(cause.to_string()),
        })
    }

    /// What becomes of a message at that delivery.
    pub fn outcome(result: Result<(), Self>, delivery: &Delivery) -> Outcome {
        match result {
            Ok(()) => Outcome::Done,
            Err(Self::Untried(why)) => Outcome::Retry(why),
            Err(Self::Again(reason)) if delivery.receives < last(delivery) => Outcome::Retry(reason.to_string()),
            Err(Self::Again(reason) | Self::Never(reason)) => Outcome::Reject(reason.to_string()),
        }
    }

    /// Whether what comes behind it in its group has to wait.
    pub fn blocks(result: &Result<(), Self>, delivery: &Delivery) -> bool {
        matches!(Self::outcome(result.clone(), delivery), Outcome::Retry(_))
    }
}

/// The delivery at which a failure that may pass is final. Deliveries are all that SQS counts, tried or not; what comes in a group may
/// have waited behind others for some of them, so it has twice as many.
fn last(delivery: &Delivery) -> u32 {
    MAX_ATTEMPTS * if delivery.group.is_some() { 2 } else { 1 }
}

/// Whether an earlier delivery may have ended the worker: a failure that it answered with would have been the last.
pub fn is_suspect(delivery: &Delivery) -> bool {
    delivery.receives > last(delivery)
}

/// Whether so many deliveries without an outcome tell that the message ends the worker.
pub fn is_unanswered(delivery: &Delivery) -> bool {
    delivery.receives > MAX_UNANSWERED
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => f.write_str(&lambda::reason(&self.words, cause)),
            None => f.write_str(&self.words),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::again(BUSY, error)
    }
}

/// A delivery's message.
pub fn read(delivery: &Delivery) -> Result<UploadMessage, Failure> {
    serde_json::from_str(&delivery.body)
        // Not in serde's words: they quote what came.
        .map_err(|error| {
            Failure::broken(format_args!(
                "not a message of this queue: {:?} error at column {}",
                error.classify(),
                error.column()
            ))
        })
}

/// Does one upload's part of the work: a panic is this upload's failure and nobody else's.
pub async fn guarded<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut result = None;
    let panicked = settle(async {
        result = Some(work.await);
        Outcome::Done
    })
    .await;
    result.unwrap_or_else(|| match panicked {
        Outcome::Retry(cause) | Outcome::Reject(cause) => Err(Failure::again(BROKEN, cause)),
        Outcome::Done => Err(Failure::again(BROKEN, "no result")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(receives: u32, group: Option<&str>) -> Delivery {
        let (id, body, queue) = (String::new(), String::new(), String::new());
        let group = group.map(str::to_owned);
        Delivery {
            id,
            body,
            queue,
            group,
            receives,
            redriven: None,
        }
    }

    #[test]
    fn the_fifth_delivery_that_fails_is_the_last_and_in_a_group_the_tenth() {
        let comes_again = |failure, receives, group| {
            let outcome = Failure::outcome(Err(failure), &delivery(receives, group));
            matches!(outcome, Outcome::Retry(_))
        };
        let failed = || Failure::from(ServiceError::Busy("x".into()));
        assert!(comes_again(failed(), 4, None) && !comes_again(failed(), 5, None));
        assert!(comes_again(failed(), 9, Some("a")) && !comes_again(failed(), 10, Some("a")));
        assert!(comes_again(Failure::behind(), 19, Some("a")));
        assert!(!comes_again(Failure::never("no"), 1, Some("a")));
    }

    #[test]
    fn an_asker_hears_no_internals() {
        let Outcome::Reject(reason) =
            Failure::outcome(Err(ServiceError::Failed("secret".into()).into()), &delivery(5, None))
        else {
            panic!("the fifth failure must be the last");
        };
        assert!(reason.contains("secret"));
        assert_eq!(lambda::words_of(&reason), BUSY);
        assert_eq!(
            lambda::words_of("reading 7 comes out before 1970"),
            "reading 7 comes out before 1970"
        );
    }

    #[test]
    fn a_panic_is_a_failure_like_any() {
        let work = guarded(async { if true { panic!("boom") } else { Ok(()) } });
        let result = futures::FutureExt::now_or_never(work).unwrap();
        assert!(matches!(result, Err(Failure::Again(_))), "{result:?}");
    }
}
