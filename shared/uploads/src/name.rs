//! The name of a reading's variable, as a caller writes it.

use domain::reading::{VariableName, VariableNameError};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A name as a [`VariableName`] may be. It stays where it was written: ten thousand readings have few names between them.
#[derive(Debug, PartialEq)]
pub struct Name<'a>(Cow<'a, str>);

impl Name<'_> {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                match VariableName::allows(text) {
                    true => Ok(Name(text.into())),
                    false => Err(E::custom(VariableNameError)),
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
                let name = VariableName::parse(text).map_err(E::custom)?;
                Ok(Name(String::from(name).into()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
