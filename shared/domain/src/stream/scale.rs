//! Scales: from what a sensor gives to what people read.

use serde::{Deserialize, Serialize};

/// The least magnitude of a number of a scale, but for zero, and the greatest: what a table's decimal numbers bear to the bit.
const MAGNITUDES: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// Numbers that make no scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScaleError {
    /// Infinite, not a number, or too great or small.
    #[error("must have numbers of 1e-100 to 1e100 or their negatives, or 0")]
    Magnitude,
    /// A division by zero.
    #[error("must have a divisor other than 0")]
    Divisor,
}

/// `offset + value * multiplier / divisor`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Written")]
pub struct Scale {
    /// What is added; 0 where nothing is said.
    #[serde(default)]
    #[schema(default = 0.0)]
    offset: f64,
    /// What values are multiplied with; 1 where nothing is said.
    #[serde(default)]
    #[schema(default = 1.0)]
    multiplier: f64,
    /// What they are divided by, not 0; 1 where nothing is said.
    #[serde(default)]
    #[schema(default = 1.0)]
    divisor: f64,
}

/// A scale as somebody wrote it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    offset: f64,
    #[serde(default = "one")]
    multiplier: f64,
    #[serde(default = "one")]
    divisor: f64,
}

fn one() -> f64 {
    1.0
}

impl TryFrom<Written> for Scale {
    type Error = ScaleError;
    fn try_from(written: Written) -> Result<Self, ScaleError> {
        Self::new(written.offset, written.multiplier, written.divisor)
    }
}

impl Scale {
    /// The scale of these numbers.
    pub fn new(offset: f64, multiplier: f64, divisor: f64) -> Result<Self, ScaleError> {
        let fits = |number: &f64| *number == 0.0 || MAGNITUDES.contains(&number.abs());
        if ![offset, multiplier, divisor].iter().all(fits) {
            return Err(ScaleError::Magnitude);
        }
        if divisor == 0.0 {
            return Err(ScaleError::Divisor);
        }
        Ok(Self {
            offset,
            multiplier,
            divisor,
        })
    }

    /// A value by the scale; infinite where that is beyond what a number can say.
    pub fn value(&self, value: f64) -> f64 {
        self.offset + self.distance(value)
    }

    /// What two values are apart by the scale.
    pub fn distance(&self, distance: f64) -> f64 {
        distance * self.multiplier / self.divisor
    }

    /// The sum of so many values by the scale.
    pub fn sum(&self, sum: f64, count: u64) -> f64 {
        self.offset * count as f64 + self.distance(sum)
    }

    /// Whether greater values become smaller ones.
    pub fn turns(&self) -> bool {
        self.distance(1.0) < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_offset_and_quotient() {
        let fahrenheit = Scale::new(32.0, 9.0, 5.0).unwrap();
        assert_eq!((fahrenheit.value(100.0), fahrenheit.distance(10.0)), (212.0, 18.0));
        assert_eq!(fahrenheit.sum(30.0, 3), 150.0);
        assert!(!fahrenheit.turns() && Scale::new(0.0, 1.0, -2.0).unwrap().turns());
    }

    #[test]
    fn scales_are_finite_and_divide() {
        let read = |json: &str| serde_json::from_str::<Scale>(json).map_err(|error| error.to_string());
        assert_eq!(read(r#"{"divisor":10}"#), Ok(Scale::new(0.0, 1.0, 10.0).unwrap()));
        assert!(read(r#"{"divisor":0}"#).unwrap_err().contains("other than 0"));
        assert!(read(r#"{"factor":2}"#).unwrap_err().contains("factor"));
        for wrong in [f64::NAN, f64::INFINITY, 1e101, -1e-101] {
            assert_eq!(Scale::new(wrong, 1.0, 1.0), Err(ScaleError::Magnitude));
        }
    }
}
