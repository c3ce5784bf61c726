//! Maintenance: an organisation, or the whole deployment, closed for a while. What stays open meanwhile is for the policies to say.

use crate::text::TextError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest message, in characters.
const LONGEST: usize = 256;

/// How far something is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Open.
    #[default]
    None,
    /// Reads go on; nothing changes.
    ReadOnly,
    /// Nothing goes on.
    NoAccess,
}

impl Mode {
    /// Every mode, the most open first.
    pub const ALL: &[Self] = &[Self::None, Self::ReadOnly, Self::NoAccess];

    /// The mode's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ReadOnly => "read_only",
            Self::NoAccess => "no_access",
        }
    }

    /// The mode of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == text)
    }
}

/// What those who are kept out are told: 1 to 256 characters, no control characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 256)]
pub struct Message(String);

impl Message {
    /// The message.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Message {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        let text = text.trim();
        match text {
            "" => Err(TextError::Empty),
            _ if text.chars().count() > LONGEST => Err(TextError::TooLong(LONGEST)),
            _ if text.chars().any(char::is_control) => Err(TextError::Control),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether something is closed for a while, and what those who are kept out are told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// How far.
    pub mode: Mode,
    /// What those who are kept out are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

impl Maintenance {
    /// The stricter of two, where both hold.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        if other.mode > self.mode { other } else { self }
    }

    /// Whether it is open.
    pub fn is_none(&self) -> bool {
        self.mode == Mode::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_short_and_plain() {
        let message = |text: &str| Message::try_from(text.to_owned());
        assert_eq!(message(" back at 10:00 ").unwrap().as_str(), "back at 10:00");
        assert_eq!(message("\n"), Err(TextError::Empty));
        assert_eq!(message("a\nb"), Err(TextError::Control));
        assert_eq!(message(&"ä".repeat(LONGEST)).unwrap().as_str().chars().count(), LONGEST);
        assert_eq!(message(&"a".repeat(LONGEST + 1)), Err(TextError::TooLong(LONGEST)));
    }

    #[test]
    fn a_mode_is_read_back_by_its_name() {
        for mode in Mode::ALL {
            assert_eq!(Mode::parse(mode.as_str()), Some(*mode));
        }
        assert_eq!(Mode::parse("half"), None);
    }
}
