//! What a service behind Millwright answered when it was not what was asked for: the lowest rung of the error ladder.

use std::time::Duration;

/// A failed call to a database, queue, bucket or directory of people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// A condition that the call named does not hold: somebody else was first, or the thing is not there.
    #[error("a condition does not hold")]
    Conflict,
    /// Throttled, timed out or contended: the same call may succeed in a moment.
    #[error("busy: {0}")]
    Busy(String),
    /// Throttled, and the service said for how long (`Retry-After`, RFC 9110 section 10.2.3).
    #[error("busy for {after:?}: {cause}")]
    Throttled {
        /// How long to leave it alone.
        after: Duration,
        /// For the log.
        cause: String,
    },
    /// Anything else; the text is for the log, never for the caller.
    #[error("failed: {0}")]
    Failed(String),
}

/// Error codes by which AWS services say "not now" (AWS "Error handling with DynamoDB", "Retry behavior" of the SDKs).
const BUSY_CODES: &[&str] = &[
    "InternalError",
    "InternalErrorException",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl ServiceError {
    /// Classes an AWS error by its code; no code means that no answer came.
    pub fn of(code: Option<&str>, cause: impl std::fmt::Display) -> Self {
        match code {
            Some("ConditionalCheckFailedException") => Self::Conflict,
            Some(code) if !BUSY_CODES.contains(&code) => Self::Failed(format!("{code}: {cause}")),
            code => Self::Busy(format!("{}: {cause}", code.unwrap_or("no answer"))),
        }
    }

    /// The error with how long the service asked to be left alone, where it did.
    #[must_use]
    pub fn retry_after(self, after: Option<Duration>) -> Self {
        match (self, after) {
            (Self::Busy(cause), Some(after)) => Self::Throttled { after, cause },
            (error, _) => error,
        }
    }
}
