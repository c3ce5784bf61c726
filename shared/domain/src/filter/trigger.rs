//! Triggers: what must hold of a reading for a transition to be taken.

use serde::{Deserialize, Serialize};

/// How a reading's value is compared with a trigger's. Values are compared as the numbers that they are: `=` holds of the same number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Comparison {
    /// Whatever it is: the trigger has no value.
    #[serde(rename = "always")]
    Always,
    /// The same number.
    #[serde(rename = "=")]
    Equal,
    /// Another number.
    #[serde(rename = "!=")]
    Unequal,
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// Less, or the same.
    #[serde(rename = "<=")]
    AtMost,
    /// Greater.
    #[serde(rename = ">")]
    Greater,
    /// Greater, or the same.
    #[serde(rename = ">=")]
    AtLeast,
}

/// A trigger as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    operator: Comparison,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

/// Something that must hold of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Written", into = "Written")]
pub struct Trigger {
    /// How the reading's value compares with `value`.
    operator: Comparison,
    /// The number; left out with `always`.
    #[schema(required = false)]
    value: Option<f64>,
}

/// A trigger that says too little or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// There is nothing to compare with.
    #[error("must have a `value` to compare with")]
    NoValue,
    /// `always` compares with nothing.
    #[error("must have no `value` beside `always`")]
    Value,
}

impl Trigger {
    /// Whether it holds of every reading.
    pub fn is_always(&self) -> bool {
        self.operator == Comparison::Always
    }

    /// Whether it holds of a reading of that value.
    #[expect(clippy::float_cmp, reason = "the same number is what is asked for")]
    pub fn holds(&self, read: f64) -> bool {
        let Some(value) = self.value else {
            return self.is_always();
        };
        match self.operator {
            Comparison::Always => true,
            Comparison::Equal => read == value,
            Comparison::Unequal => read != value,
            Comparison::Less => read < value,
            Comparison::AtMost => read <= value,
            Comparison::Greater => read > value,
            Comparison::AtLeast => read >= value,
        }
    }
}

impl TryFrom<Written> for Trigger {
    type Error = TriggerError;
    fn try_from(Written { operator, value }: Written) -> Result<Self, TriggerError> {
        match (operator, value) {
            (Comparison::Always, Some(_)) => Err(TriggerError::Value),
            (Comparison::Always, None) | (_, Some(_)) => Ok(Self { operator, value }),
            (_, None) => Err(TriggerError::NoValue),
        }
    }
}

impl From<Trigger> for Written {
    fn from(Trigger { operator, value }: Trigger) -> Self {
        Self { operator, value }
    }
}
