//! The texts of a stream's settings.

use crate::text::{TextError, bounded};
use serde::{Deserialize, Serialize};

/// Longest description, in characters.
const DESCRIPTION_CHARS: usize = 500;
/// Longest name of a unit, in characters.
const UNIT_CHARS: usize = 32;

/// What a stream is, in words: 1 to 500 characters, no control characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 500, example = "Oil at the outlet")]
pub struct Description(String);

/// What values are in: 1 to 32 characters, no control characters, trimmed. Millwright reads nothing into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 32, example = "°C")]
pub struct UnitName(String);

impl TryFrom<String> for Description {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        bounded(&text, DESCRIPTION_CHARS).map(Self)
    }
}

impl TryFrom<String> for UnitName {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        bounded(&text, UNIT_CHARS).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(
            UnitName::try_from(" °C ".to_owned()).map(|unit| unit.0),
            Ok("°C".into())
        );
        assert_eq!(UnitName::try_from("é".repeat(33)), Err(TextError::TooLong(UNIT_CHARS)));
        assert_eq!(
            Description::try_from("é".repeat(501)),
            Err(TextError::TooLong(DESCRIPTION_CHARS))
        );
        assert!(Description::try_from("é".repeat(500)).is_ok());
    }
}
