//! Short texts that people choose: names, email addresses, and what else is bounded like a name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name, in characters.
const NAME_CHARS: usize = 128;
/// Longest email address, in bytes (RFC 5321 section 4.5.3.1.3, less the angle brackets).
const EMAIL_BYTES: usize = 254;

/// Why a text was not taken; the message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than this many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Holds a control character.
    #[error("must not hold control characters")]
    Control,
    /// Not `local@domain`.
    #[error("must be an email address such as ada@example.com, of at most 254 ASCII characters")]
    Email,
}

/// The name of a person, organisation, project, device or key: 1 to 128 characters, no control characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 128)]
pub struct Name(String);

/// A text of 1 to so many characters, none of them a control character, trimmed.
pub(crate) fn bounded(text: &str, most: usize) -> Result<String, TextError> {
    let text = text.trim();
    match text {
        "" => Err(TextError::Empty),
        _ if text.chars().count() > most => Err(TextError::TooLong(most)),
        _ if text.chars().any(char::is_control) => Err(TextError::Control),
        _ => Ok(text.to_owned()),
    }
}

impl Name {
    /// Takes a name as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        bounded(text, NAME_CHARS).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An email address, in lower case: one `@`, a dotted domain, ASCII, at most 254 bytes. Whether it exists, only a message sent there tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "email", max_length = 254)]
pub struct Email(String);

impl Email {
    /// Takes an address as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim().to_ascii_lowercase();
        let printable = text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&b));
        let (local, domain) = text.split_once('@').ok_or(TextError::Email)?;
        let labels = domain.split('.').all(|label| {
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
        });
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        if printable
            && dots
            && labels
            && domain.contains('.')
            && !local.is_empty()
            && local.len() <= 64
            && text.len() <= EMAIL_BYTES
        {
            Ok(Self(text))
        } else {
            Err(TextError::Email)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(Name::parse("  Press 4 ").unwrap().as_str(), "Press 4");
        assert_eq!(Name::parse(" \t"), Err(TextError::Empty));
        assert_eq!(Name::parse(&"é".repeat(129)), Err(TextError::TooLong(NAME_CHARS)));
        assert_eq!(Name::parse("a\u{7}b"), Err(TextError::Control));
    }

    #[test]
    fn addresses_are_plain_and_lower_case() {
        assert_eq!(Email::parse("Ada.L@Example.COM").unwrap().as_str(), "ada.l@example.com");
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@local",
            "a b@example.com",
            "ada@@example.com",
            "ada@-x.com",
            ".a@x.com",
            "é@x.com",
        ] {
            assert_eq!(Email::parse(wrong), Err(TextError::Email), "{wrong}");
        }
    }
}
