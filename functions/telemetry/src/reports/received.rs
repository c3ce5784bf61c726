//! When a report was received in the field, as its sender says.

use domain::reading::ReadingTime;
use http_api::Problem;
use jiff::{SignedDuration, Timestamp};

/// 2000-01-01T00:00:00Z in seconds: the devices' own calendar begins there.
const EARLIEST: i64 = 946_684_800;
/// How far the clock of a gateway may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// A time at which a report can have been received.
pub fn parse(text: Option<&str>, now: Timestamp) -> Result<(Timestamp, ReadingTime), Problem> {
    let refused = |detail| Problem::query("received_at", detail);
    let text = text.ok_or_else(|| {
        refused("is required: when the gateway received the report, in RFC 3339, such as 2026-01-02T03:04:05Z")
    })?;
    let time: Timestamp = text.parse().map_err(|_| {
        refused("must be an RFC 3339 time with its offset, such as 2026-01-02T03:04:05Z (`+` is %2B in a query)")
    })?;
    let latest = now.saturating_add(AHEAD).map_err(Problem::internal)?;
    if time.as_second() < EARLIEST || time > latest {
        return Err(refused("must lie between 2000-01-01T00:00:00Z and 24 hours from now"));
    }
    Ok((time, ReadingTime::try_from(time).map_err(Problem::internal)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_that_can_have_been_are_taken() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for right in [
            "2000-01-01T00:00:00Z",
            "2026-01-02T05:04:05+02:00",
            "2026-01-03T03:04:05Z",
        ] {
            assert!(parse(Some(right), now).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "now",
            "1767323045",
            "1999-12-31T23:59:59Z",
            "2026-01-03T03:04:06Z",
            "9999-12-31T00:00:00Z",
            "2026-01-02",
        ] {
            assert!(parse(Some(wrong), now).is_err(), "{wrong}");
        }
        assert!(parse(None, now).is_err());
    }
}
