//! Events of devices: what a report tells beside readings, each known by when it happened and what it is.

use crate::id::{EventId, Id};
use crate::reading::ReadingTime;
use crate::reports::{Event, JsonText};
use crate::{DeviceId, OrgId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use ulid::Ulid;

/// Longest summary (`extra_data`) of an event as JSON, in bytes: a thousand of them fit into an answer.
pub const MAX_SUMMARY_BYTES: usize = 4 * 1024;
/// Longest body (`data`) of an event as JSON, in bytes: what a report can carry.
pub const MAX_DATA_BYTES: usize = crate::reports::MAX_BYTES;

impl EventId {
    /// The id of an event: its time, and a hash of what tells it from all others of that time. That is its stream and the id that the device
    /// gave it; without one all that it says, and how many of the same report are the same before it. An event that is sent twice has one id.
    pub fn of(time: ReadingTime, event: &Event, same_before: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(event.stream.to_be_bytes());
        hash.update(event.id.to_be_bytes());
        if event.id == 0 {
            hash.update(same_before.to_be_bytes());
            for part in [&event.extra_data, &event.data] {
                let text = part.as_ref().map_or("", JsonText::as_str);
                hash.update(text.len().to_be_bytes());
                hash.update(text);
            }
        }
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
        Self::new(time.nanos(), u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The least id of that time, in nanoseconds since the epoch.
    pub fn first_at(time: i64) -> Self {
        Self::new(time, 0)
    }

    /// The greatest id of that time.
    pub fn last_at(time: i64) -> Self {
        Self::new(time, u64::MAX)
    }

    fn new(time: i64, rest: u64) -> Self {
        Ulid(u128::from(time.cast_unsigned()) << 64 | u128::from(rest)).into()
    }

    /// When it happened, in nanoseconds since the epoch.
    pub fn time(self) -> i64 {
        i64::try_from(self.ulid().0 >> 64).unwrap_or(i64::MAX)
    }
}

/// What the keys of the bodies of a device's events begin with, in the storage bucket.
pub fn bodies(org: OrgId, device: DeviceId) -> String {
    format!("events/{org}/{device}/")
}

/// The key of an event's body: by device, then by hour.
pub fn body_key(org: OrgId, device: DeviceId, event: EventId) -> String {
    let time = Timestamp::from_nanosecond(i128::from(event.time())).unwrap_or_default();
    format!("{}{}/{event}.json", bodies(org, device), time.strftime("%Y/%m/%d/%H"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::Stamp;

    fn event(id: u32, data: &str) -> Event {
        Event {
            stream: 0x5001,
            id,
            stamp: Stamp::Uptime(0),
            extra_data: None,
            data: Some(serde_json::from_str(data).unwrap()),
        }
    }

    fn at(text: &str) -> ReadingTime {
        text.parse().unwrap()
    }

    #[test]
    fn an_event_sent_twice_has_one_id_and_others_have_others() {
        let time = at("2026-01-02T03:04:05Z");
        let of = |event: &Event, before| EventId::of(time, event, before);
        assert_eq!(of(&event(7, "1"), 0), of(&event(7, "1"), 1), "the device's id tells it");
        assert_eq!(of(&event(0, "1"), 0), of(&event(0, "1"), 0));
        let different = [
            of(&event(7, "1"), 0),
            of(&event(8, "1"), 0),
            of(&event(0, "1"), 0),
            of(&event(0, "1"), 1),
            of(&event(0, "2"), 0),
        ];
        for (n, id) in different.iter().enumerate() {
            assert!(!different[..n].contains(id), "{n}");
        }
    }

    #[test]
    fn ids_sort_by_time_and_tell_it() {
        let (early, late) = (at("2026-01-02T03:04:05Z"), at("2026-01-02T03:04:06Z"));
        let (first, second) = (
            EventId::of(early, &event(9, "1"), 0),
            EventId::of(late, &event(1, "1"), 0),
        );
        assert!(first.to_string() < second.to_string());
        assert_eq!(first.time(), early.nanos());
        let bounds = EventId::first_at(early.nanos())..=EventId::last_at(early.nanos());
        assert!(bounds.contains(&first) && !bounds.contains(&second));
    }

    #[test]
    fn bodies_lie_by_device_and_hour() {
        let (org, device) = (
            "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
        );
        let id = EventId::first_at(at("2026-01-02T03:04:05Z").nanos());
        let folder = "events/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC/dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC/2026/01/02/03/";
        assert_eq!(body_key(org, device, id), format!("{folder}{id}.json"));
    }
}
