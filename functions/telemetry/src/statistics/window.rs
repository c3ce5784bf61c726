//! How wide a window is, as a caller writes it.

use jiff::tz::TimeZone;
use serde::Deserialize;
use statistics::{Calendar, Windows};
use std::num::NonZeroU64;

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 24 * 3600 * SECOND;
const WIDEST: u64 = 366 * DAY;
/// Longer than any name in the IANA time zone database.
const LONGEST_ZONE: usize = 64;

/// The width of a window: a number and a unit, from one second to 366 days, or a day, week or month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^([1-9][0-9]{0,7}[smhd]|day|week|month)$", example = "1h")]
pub struct Window(Width);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Every(NonZeroU64),
    Calendar(Calendar),
}

/// A time zone by its name in the IANA time zone database.
#[derive(Debug, Clone, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 64, example = "Europe/Berlin")]
pub struct Zone(pub TimeZone);

impl Window {
    /// The windows of that width, of a calendar in that time zone.
    pub fn windows(self, zone: TimeZone) -> Windows {
        match self.0 {
            Width::Every(width) => Windows::Every(width),
            Width::Calendar(calendar) => Windows::Calendar(calendar, zone),
        }
    }

    /// About how many nanoseconds it is wide.
    pub fn width(self) -> u64 {
        match self.0 {
            Width::Every(width) => width.get(),
            Width::Calendar(Calendar::Day) => DAY,
            Width::Calendar(Calendar::Week) => 7 * DAY,
            Width::Calendar(Calendar::Month) => 30 * DAY,
        }
    }

    /// Whether a time zone makes a difference.
    pub fn has_zone(self) -> bool {
        matches!(self.0, Width::Calendar(_))
    }
}

impl TryFrom<String> for Window {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "day" => return Ok(Self(Width::Calendar(Calendar::Day))),
            "week" => return Ok(Self(Width::Calendar(Calendar::Week))),
            "month" => return Ok(Self(Width::Calendar(Calendar::Month))),
            _ => {}
        }
        let width = parse(&text)
            .filter(|width| width.get() <= WIDEST)
            .map(|width| Self(Width::Every(width)));
        width.ok_or("must be a whole number and s, m, h or d, such as 30s, 5m, 1h or 7d, from 1s to 366d, or day, week or month")
    }
}

impl TryFrom<String> for Zone {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let zone = (text.len() <= LONGEST_ZONE)
            .then(|| TimeZone::get(&text).ok())
            .flatten();
        zone.map(Self)
            .ok_or("must be a name of the IANA time zone database, such as Europe/Berlin")
    }
}

/// The nanoseconds of a whole number and a unit, if it is no more than 64 bits can say.
pub fn parse(text: &str) -> Option<NonZeroU64> {
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
    NonZeroU64::new(number.checked_mul(seconds)?.checked_mul(SECOND)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_are_from_one_second_to_366_days_or_of_the_calendar() {
        for (text, seconds) in [
            ("1s", 1),
            ("30s", 30),
            ("5m", 300),
            ("1h", 3_600),
            ("7d", 604_800),
            ("366d", 31_622_400),
        ] {
            let window = Window::try_from(text.to_owned()).unwrap();
            assert_eq!((window.width(), window.has_zone()), (seconds * SECOND, false), "{text}");
        }
        let month = Window::try_from("month".to_owned());
        assert_eq!(month, Ok(Window(Width::Calendar(Calendar::Month))));
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
            "Day",
            "year",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert!(Window::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn zones_have_names() {
        for good in ["UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia"] {
            assert!(Zone::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for wrong in ["", "Berlin", "+02:00", "../../etc/localtime", &"x/".repeat(100)] {
            assert!(Zone::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            let _ = Window::try_from(text.clone());
            let _ = Zone::try_from(text);
        }
    }
}
