//! Formulas: a stream whose values are computed from those of others of its device, as in
//! `(inlet_temperature - outlet_temperature) * flow * 1.163`.
//!
//! ```text
//! sum      = product { ("+" | "-") product }
//! product  = factor { ("*" | "/") factor }
//! factor   = "-" factor | number | variable | function "(" sum { "," sum } ")" | "(" sum ")"
//! function = "abs" | "sqrt" | "round" | "min" | "max"
//! number   = digits and a point, and an exponent with its sign, as in 1.163 or 1e-6
//! variable = a letter or "_" and any of A-Z a-z 0-9 _ . : | "[" any name of a variable "]", as in [5c00] or [inlet-temperature]
//! ```
//!
//! **When it has a value** ([`Steps`]): at each time at which one of the variables has a reading, from when each of them has one. Between
//! its readings a variable is what it was last, for [`HELD`] at most. There is none where the result is infinite or no number.
//!
//! To add a function: a line in [`Function`], its value in `evaluate.rs`, its name in the list above.

mod error;
mod evaluate;
mod parse;
mod steps;
mod tokens;

pub use error::FormulaError;
pub use steps::{HELD, Steps};

use crate::reading::VariableName;
use evaluate::Node;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest formula, in characters.
pub const MAX_CHARS: usize = 256;
/// Most variables that a formula is over.
pub const MAX_INPUTS: usize = 8;

/// A formula over 1 to 8 variables of a device, of up to 256 characters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 256, example = "(inlet - outlet) * flow * 1.163")]
pub struct Formula(Parsed);

#[derive(Debug, Clone, PartialEq)]
struct Parsed {
    text: String,
    root: Node,
    inputs: Vec<VariableName>,
}

impl Formula {
    /// Takes a formula as somebody wrote it.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let (root, inputs) = parse::parse(text)?;
        let text = text.to_owned();
        Ok(Self(Parsed { text, root, inputs }))
    }

    /// The variables that it is over, each once, in the order in which they are first named.
    pub fn inputs(&self) -> &[VariableName] {
        &self.0.inputs
    }

    /// Whether it is over a variable.
    pub fn uses(&self, variable: &VariableName) -> bool {
        self.0.inputs.contains(variable)
    }

    /// Its value for these values of its variables, in their order; none where that is infinite or no number.
    pub fn value(&self, inputs: &[f64]) -> Option<f64> {
        Some(self.0.root.value(inputs)).filter(|value| value.is_finite())
    }
}

impl TryFrom<String> for Formula {
    type Error = FormulaError;
    fn try_from(text: String) -> Result<Self, FormulaError> {
        Self::parse(&text)
    }
}

impl From<Formula> for String {
    fn from(formula: Formula) -> Self {
        formula.0.text
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

#[cfg(test)]
mod tests;
