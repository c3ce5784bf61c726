//! Where a request came from and why, as its sender says.

use super::Pseudonym;
use serde::{Deserialize, Serialize};

/// Longest reason, in characters.
const REASON_CHARS: usize = 256;

/// What a journal entry tells of the request behind it, beside who sent it. Empty where no request is: a worker's doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The sender's address under their key; none where there is no key.
    pub address: Option<Pseudonym>,
    /// Why, in the sender's words.
    pub reason: Option<Reason>,
}

/// Why somebody changes something: 1 to 256 characters, no control characters, trimmed. Names of people do not belong here: it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Reason(String);

/// Why a reason was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 256 characters, none of them a control character")]
pub struct ReasonError;

impl Reason {
    /// Takes a reason as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= REASON_CHARS;
        if !fits || text.chars().any(char::is_control) {
            return Err(ReasonError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = ReasonError;
    fn try_from(text: String) -> Result<Self, ReasonError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_trimmed_and_bounded() {
        assert_eq!(
            Reason::parse(" recalibrated, CAPA-17 ").map(|r| r.0),
            Ok("recalibrated, CAPA-17".into())
        );
        assert!(Reason::parse(&"é".repeat(256)).is_ok());
        for wrong in ["", "  ", "a\nb", &"é".repeat(257)] {
            assert_eq!(Reason::parse(wrong), Err(ReasonError), "{wrong:?}");
        }
    }
}
