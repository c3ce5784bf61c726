//! What went wrong, as the one line a user reads.

use std::error::Error;
use std::fmt;

/// What the local cloud's operations answer.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A failure: what could not be done, why, and what the user can do about it. Shown on one line.
#[derive(Debug)]
pub struct Failure {
    what: String,
    why: String,
    remedy: String,
}

impl Failure {
    /// Describes a failure. `why` may have several lines; they are joined.
    pub fn new(what: impl Into<String>, why: impl fmt::Display, remedy: impl Into<String>) -> Self {
        let why = why.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            what: what.into(),
            why: why.trim_end_matches(['.', ':']).to_owned(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.what, self.why, self.remedy)
    }
}

impl Error for Failure {}

/// Turns any error into a [`Failure`] on the way up.
pub(crate) trait OrFail<T> {
    /// Says what could not be done and what to do about it; the error says why.
    fn or_fail(self, what: impl Into<String>, remedy: &str) -> Result<T>;
}

impl<T, E: Error> OrFail<T> for std::result::Result<T, E> {
    fn or_fail(self, what: impl Into<String>, remedy: &str) -> Result<T> {
        self.map_err(|error| Failure::new(what, with_causes(&error), remedy))
    }
}

/// An error and its causes, outermost first. Causes that the outer error already quotes are left out.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text = format!("{text}: {inner}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line() {
        let failure = Failure::new("deploying", "first line\n  second line.\n", "look again");
        assert_eq!(failure.to_string(), "deploying: first line second line: look again");
    }
}
