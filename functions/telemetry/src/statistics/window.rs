//! How wide a window is, as a caller writes it.

use serde::Deserialize;
use std::num::NonZeroU64;

const SECOND: u64 = 1_000_000_000;
const WIDEST: u64 = 366 * 24 * 3600 * SECOND;

/// The width of a window in nanoseconds: a number and a unit, from one second to 366 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[1-9][0-9]*[smhd]$", example = "1h")]
pub struct Window(pub NonZeroU64);

impl TryFrom<String> for Window {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse(&text)
            .map(Self)
            .ok_or("must be a whole number and s, m, h or d, such as 30s, 5m, 1h or 7d, from 1s to 366d")
    }
}

fn parse(text: &str) -> Option<NonZeroU64> {
    let (at, unit) = text.char_indices().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    let digits = text.get(..at)?;
    // `parse` alone would take a sign.
    let number: u64 = digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()?;
    let width = number.checked_mul(seconds)?.checked_mul(SECOND)?;
    NonZeroU64::new(width).filter(|width| width.get() <= WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_are_from_one_second_to_366_days() {
        for (text, seconds) in [
            ("1s", 1),
            ("30s", 30),
            ("5m", 300),
            ("1h", 3_600),
            ("7d", 604_800),
            ("366d", 31_622_400),
        ] {
            assert_eq!(
                Window::try_from(text.to_owned()).unwrap().0.get(),
                seconds * SECOND,
                "{text}"
            );
        }
        for wrong in [
            "",
            "s",
            "0s",
            "1",
            "367d",
            "-1s",
            "+1s",
            "1.5h",
            "1 h",
            "1w",
            "1é",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert!(Window::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            let _ = Window::try_from(text);
        }
    }
}
