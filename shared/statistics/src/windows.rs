//! Where windows begin and end.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use std::num::NonZeroU64;

/// How a range is cut into windows.
#[derive(Debug, Clone, PartialEq)]
pub enum Windows {
    /// Not at all: the range is one window.
    Whole,
    /// Of so many nanoseconds, one beginning at the Unix epoch.
    Every(NonZeroU64),
    /// Of a calendar in a time zone: a day is from one midnight to the next, be it of 23 or 25 hours.
    Calendar(Calendar, TimeZone),
}

/// A window of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// From midnight to midnight, or where a day has no midnight from its first instant.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
    /// From the first day of a month to that of the next.
    Month,
}

/// One window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first nanosecond since the Unix epoch.
    pub start: i64,
    /// Its last. (Not the first after it: of the last window of all there is none.)
    pub last: i64,
}

impl Window {
    /// Whether a time is in it.
    pub fn holds(&self, time: i64) -> bool {
        (self.start..=self.last).contains(&time)
    }
}

impl Windows {
    /// The window that a time is in. Of a window that reaches beyond what 64 bits can say, what they can.
    pub fn of(&self, time: i64) -> Window {
        match self {
            Self::Whole => Window {
                start: i64::MIN,
                last: i64::MAX,
            },
            Self::Every(width) => every(time, i128::from(width.get())),
            Self::Calendar(calendar, zone) => calendar.of(time, zone).unwrap_or(Window {
                start: time,
                last: time,
            }),
        }
    }
}

fn every(time: i64, width: i128) -> Window {
    let start = i128::from(time).div_euclid(width) * width;
    clamped(start, start + width)
}

/// A window between two times, its end not included.
fn clamped(start: i128, end: i128) -> Window {
    Window {
        start: i64::try_from(start).unwrap_or(i64::MIN),
        last: i64::try_from(end - 1).unwrap_or(i64::MAX),
    }
}

impl Calendar {
    /// None only beyond the years that jiff knows, which no time of 64 bits is.
    fn of(self, time: i64, zone: &TimeZone) -> Option<Window> {
        let at = Timestamp::from_nanosecond(i128::from(time))
            .ok()?
            .to_zoned(zone.clone());
        let first = self.first_day(&at)?.start_of_day().ok()?;
        let next = match self {
            Self::Day => first.checked_add(1.day()),
            Self::Week => first.checked_add(7.days()),
            Self::Month => first.checked_add(1.month()),
        };
        let next = next.ok()?.start_of_day().ok()?;
        let nanos = |at: &Zoned| at.timestamp().as_nanosecond();
        Some(clamped(nanos(&first), nanos(&next)))
    }

    fn first_day(self, at: &Zoned) -> Option<Zoned> {
        match self {
            Self::Day => Some(at.clone()),
            Self::Week => at
                .checked_sub(i64::from(at.weekday().to_monday_zero_offset()).days())
                .ok(),
            Self::Month => at.first_of_month().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> i64 {
        i64::try_from(text.parse::<Timestamp>().unwrap().as_nanosecond()).unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn days_have_the_hours_that_their_zone_gives_them() {
        let day = |time: &str| {
            let window = Windows::Calendar(Calendar::Day, zone("Europe/Berlin")).of(nanos(time));
            (window.start, (window.last - window.start + 1) / 3_600_000_000_000)
        };
        assert_eq!(day("2026-03-29T12:00:00Z"), (nanos("2026-03-28T23:00:00Z"), 23));
        assert_eq!(day("2026-10-25T00:30:00Z"), (nanos("2026-10-24T22:00:00Z"), 25));
        assert_eq!(day("2026-10-25T22:59:59Z"), (nanos("2026-10-24T22:00:00Z"), 25));
        assert_eq!(day("2026-10-25T23:00:00Z"), (nanos("2026-10-25T23:00:00Z"), 24));
    }

    #[test]
    fn a_day_without_midnight_begins_at_its_first_instant() {
        // On 2025-09-07 clocks in Santiago went from 23:59:59 to 01:00.
        let window = Windows::Calendar(Calendar::Day, zone("America/Santiago")).of(nanos("2025-09-07T12:00:00Z"));
        assert_eq!(window.start, nanos("2025-09-07T04:00:00Z"));
        assert_eq!(window.last + 1, nanos("2025-09-08T03:00:00Z"));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let windows = |calendar| Windows::Calendar(calendar, zone("Asia/Kolkata")).of(nanos("2026-03-01T00:00:00Z"));
        assert_eq!(windows(Calendar::Week).start, nanos("2026-02-22T18:30:00Z"));
        assert_eq!(windows(Calendar::Week).last + 1, nanos("2026-03-01T18:30:00Z"));
        assert_eq!(windows(Calendar::Month).start, nanos("2026-02-28T18:30:00Z"));
        assert_eq!(windows(Calendar::Month).last + 1, nanos("2026-03-31T18:30:00Z"));
    }

    fn windows() -> impl Strategy<Value = Windows> {
        let zone = prop_oneof![
            Just("Europe/Berlin"),
            Just("Pacific/Apia"),
            Just("UTC"),
            Just("America/Santiago")
        ];
        let calendar = prop_oneof![Just(Calendar::Day), Just(Calendar::Week), Just(Calendar::Month)];
        prop_oneof![
            Just(Windows::Whole),
            (1..u64::MAX).prop_map(|width| Windows::Every(NonZeroU64::new(width).unwrap())),
            (calendar, zone).prop_map(|(calendar, name)| Windows::Calendar(calendar, TimeZone::get(name).unwrap())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_time_is_in_one_window(windows in windows(), time: i64) {
            let window = windows.of(time);
            prop_assert!(window.holds(time));
            prop_assert_eq!([windows.of(window.start), windows.of(window.last)], [window; 2]);
            if let Some(next) = window.last.checked_add(1) {
                prop_assert_eq!(windows.of(next).start, next);
            }
        }
    }
}
