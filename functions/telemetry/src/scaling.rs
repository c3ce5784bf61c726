//! By which scale values are told: the stream's, the reader's, both or none.

use blocks::Reading;
use domain::stream::{Scale, StreamSettings, UnitName};
use serde::Deserialize;

/// Whose scale values come by, before a reader's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scaled {
    /// The stream's output scale.
    #[default]
    Stream,
    /// Nobody's: as they are stored.
    None,
}

/// A reader's own scale: offset, multiplier and divisor with commas between them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, example = "32,9,5")]
pub struct Rescale(Scale);

impl TryFrom<String> for Rescale {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let numbers: Option<Vec<f64>> = text.split(',').take(4).map(|part| part.parse().ok()).collect();
        let Some([offset, multiplier, divisor]) = numbers.as_deref() else {
            return Err(
                "must be three numbers with commas between them: offset, multiplier and divisor, such as 32,9,5"
                    .to_owned(),
            );
        };
        let scale = Scale::new(*offset, *multiplier, *divisor);
        scale.map(Self).map_err(|error| error.to_string())
    }
}

/// How the values of a stream are told to a reader.
#[derive(Debug)]
pub struct Scaling {
    scales: Vec<Scale>,
    /// What they are in then, where that is known.
    pub unit: Option<UnitName>,
}

impl Scaling {
    /// By the stream's scale, unless the reader wants none, and then by the reader's own.
    pub fn of(settings: &StreamSettings, by: Scaled, own: Option<Rescale>) -> Self {
        let theirs = settings.output_scale.filter(|_| by == Scaled::Stream);
        let as_the_stream_says = by == Scaled::Stream && own.is_none();
        Self {
            scales: theirs.into_iter().chain(own.map(|own| own.0)).collect(),
            unit: settings.unit.clone().filter(|_| as_the_stream_says),
        }
    }

    /// The scaling that several streams have in common; none where they differ.
    pub fn shared<'a>(mut settings: impl Iterator<Item = &'a StreamSettings>, by: Scaled) -> Option<Self> {
        let first = settings.next().map(|settings| Self::of(settings, by, None));
        let first = first.unwrap_or(Self {
            scales: Vec::new(),
            unit: None,
        });
        let same = settings.all(|settings| Self::of(settings, by, None).scales == first.scales);
        same.then_some(first)
    }

    /// A value; the greatest number there is where it would be beyond that, since JSON has no word for more.
    pub fn value(&self, value: f64) -> f64 {
        let scaled = self.scales.iter().fold(value, |value, scale| scale.value(value));
        if self.scales.is_empty() {
            value
        } else {
            scaled.clamp(f64::MIN, f64::MAX)
        }
    }

    /// Readings with their values.
    pub fn readings(&self, readings: Vec<Reading>) -> impl Iterator<Item = Reading> {
        readings.into_iter().map(|reading| Reading {
            value: self.value(reading.value),
            ..reading
        })
    }

    /// What two values are apart.
    pub fn distance(&self, distance: f64) -> f64 {
        self.scales
            .iter()
            .fold(distance, |distance, scale| scale.distance(distance))
    }

    /// The sum of so many values.
    pub fn sum(&self, sum: f64, count: u64) -> f64 {
        self.scales.iter().fold(sum, |sum, scale| scale.sum(sum, count))
    }

    /// Whether greater values become smaller ones.
    pub fn turns(&self) -> bool {
        self.scales.iter().filter(|scale| scale.turns()).count() % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rescale(text: &str) -> Result<Rescale, String> {
        text.to_owned().try_into()
    }

    fn celsius() -> StreamSettings {
        StreamSettings {
            output_scale: Scale::new(0.0, 1.0, 10.0).ok(),
            unit: "°C".to_owned().try_into().ok(),
            ..StreamSettings::of("t".parse().unwrap())
        }
    }

    #[test]
    fn a_reader_s_scale_comes_after_the_stream_s() {
        let fahrenheit = rescale("32,9,5").ok();
        let of = |by, own| Scaling::of(&celsius(), by, own);
        let told = |scaling: &Scaling| (scaling.value(1000.0), scaling.unit.is_some());
        assert_eq!(told(&of(Scaled::Stream, None)), (100.0, true));
        assert_eq!(told(&of(Scaled::None, None)), (1000.0, false));
        assert_eq!(told(&of(Scaled::Stream, fahrenheit)), (212.0, false));
        assert_eq!(told(&of(Scaled::None, fahrenheit)), (1832.0, false));
        let both = of(Scaled::Stream, fahrenheit);
        assert_eq!((both.distance(100.0), both.sum(3000.0, 3)), (18.0, 636.0));
        assert!(of(Scaled::Stream, rescale("0,-1,1").ok()).turns());
        assert_eq!(of(Scaled::None, rescale("0,1e100,1").ok()).value(-1e300), f64::MIN);
    }

    #[test]
    fn a_scale_of_one_s_own_is_three_numbers() {
        for wrong in ["", "1", "1,2", "1,2,3,4", "a,1,1", "0,1,0", "inf,1,1", "nan,1,1"] {
            assert!(rescale(wrong).is_err(), "{wrong}");
        }
    }
}
