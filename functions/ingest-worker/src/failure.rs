//! Why an upload was not stored: in words for its asker, with the cause for the log.

use domain::ServiceError;
use domain::task::{MAX_ATTEMPTS, UploadMessage};
use lambda::{Delivery, Outcome, settle};
use std::fmt;

/// Stands between the words and the cause in the reason that the batch runner carries.
const CAUSE: &str = "; cause: ";
const BUSY: &str = "a service behind Millwright failed, time and again";
const BROKEN: &str = "something failed on our side";

/// Why an upload was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may succeed later.
    Again(Reason),
    /// It never will.
    Never(Reason),
    /// It was not tried, so this is no attempt: one before it in its group must come again, or its table is not known.
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

    fn again(words: &str, cause: impl fmt::Display) -> Self {
        Self::Again(Reason {
            words: words.to_owned(),
            cause: Some(cause.to_string()),
        })
    }

    /// What becomes of a message that has been delivered so many times.
    pub fn outcome(result: Result<(), Self>, receives: u32) -> Outcome {
        match result {
            Ok(()) => Outcome::Done,
            Err(Self::Untried(why)) => Outcome::Retry(why),
            Err(Self::Again(reason)) if receives < MAX_ATTEMPTS => Outcome::Retry(reason.to_string()),
            Err(Self::Again(reason) | Self::Never(reason)) => Outcome::Reject(reason.to_string()),
        }
    }

    /// Whether what comes behind it in its group has to wait.
    pub fn blocks(result: &Result<(), Self>, receives: u32) -> bool {
        matches!(Self::outcome(result.clone(), receives), Outcome::Retry(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}{CAUSE}{cause}", self.words),
            None => f.write_str(&self.words),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::again(BUSY, error)
    }
}

/// As much of a reason as its asker is told.
pub fn for_asker(reason: &str) -> &str {
    reason.split_once(CAUSE).map_or(reason, |(words, _)| words)
}

/// A delivery's message.
pub fn read(delivery: &Delivery) -> Result<UploadMessage, Failure> {
    serde_json::from_str(&delivery.body)
        .map_err(|error| Failure::broken(format_args!("not a message of this queue: {error}")))
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

    #[test]
    fn the_fifth_failure_is_the_last() {
        let failed = || Err(Failure::from(ServiceError::Busy("x".into())));
        assert!(matches!(Failure::outcome(failed(), 4), Outcome::Retry(_)));
        assert!(matches!(Failure::outcome(failed(), 5), Outcome::Reject(_)));
        assert!(matches!(
            Failure::outcome(Err(Failure::behind()), 19),
            Outcome::Retry(_)
        ));
        assert!(matches!(
            Failure::outcome(Err(Failure::never("no")), 1),
            Outcome::Reject(_)
        ));
    }

    #[test]
    fn an_asker_hears_no_internals() {
        let Outcome::Reject(reason) = Failure::outcome(Err(ServiceError::Failed("secret".into()).into()), 5) else {
            panic!("not given up");
        };
        assert!(reason.contains("secret"));
        assert_eq!(for_asker(&reason), BUSY);
        assert_eq!(
            for_asker("reading 7 comes out before 1970"),
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
