//! The value of a reading, as a caller writes it.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A number that an f64 holds.
#[derive(Debug, Clone, Copy, PartialEq, utoipa::ToSchema)]
#[schema(value_type = f64, example = 21.5)]
pub struct Finite(pub f64);

impl<'de> Deserialize<'de> for Finite {
    /// Takes the number as it is written: serde_json alone calls 1e999 a syntax error, and would not tell which reading has it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let numeral = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let number = numeral.then(|| text.parse::<f64>().ok()).flatten();
        let number = number.ok_or_else(|| D::Error::custom("must be a number, without quotes"))?;
        if number.is_finite() {
            Ok(Self(number))
        } else {
            Err(D::Error::custom(
                "must lie between -1.7976931348623157e308 and 1.7976931348623157e308",
            ))
        }
    }
}
