//! One link of the chain.

use super::origin::Reason;
use super::{Address, Event, FORMAT, Origin, canonical, sha256_hex};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One link of the chain. All members are always there, `null` where there is nothing to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournalEntry)]
pub struct Entry {
    /// The version of this form: 2; entries from before may be of 1.
    #[serde(default)]
    pub format: u8,
    /// Its place, from 1, without gaps.
    pub sequence: u64,
    /// When, as the function's clock told.
    pub at: Timestamp,
    /// Who: the id of a person, key or task.
    pub actor: String,
    /// From where: the source address under its sender's key, as in `hmac-sha256:1f..`; `null` for a worker. In format 1 the address itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub address: Option<Address>,
    /// What, as in `device.created`.
    pub action: String,
    /// To what: an id.
    pub resource: String,
    /// The state before.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The state after.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// Why, in the words of whoever did it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 256)]
    pub reason: Option<Reason>,
    /// The hash of the entry before; empty in the first.
    pub previous: String,
    /// The hash of this one.
    #[serde(default)]
    pub hash: String,
}

/// The end of a chain: what the next entry attaches to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The latest entry's place; 0 while there is none.
    pub sequence: u64,
    /// Its hash; empty while there is none.
    pub hash: String,
}

impl Entry {
    /// The entry that records `event` after `head`.
    pub fn after(head: &Head, event: Event, actor: &str, origin: &Origin, at: Timestamp) -> Self {
        let Origin { address, reason } = origin.clone();
        let entry = Self {
            format: FORMAT,
            sequence: head.sequence + 1,
            at,
            actor: actor.to_owned(),
            address: address.map(Address::Pseudonym),
            action: event.action.to_owned(),
            resource: event.resource,
            before: event.before,
            after: event.after,
            reason,
            previous: head.hash.clone(),
            hash: String::new(),
        };
        Self {
            hash: entry.compute_hash(),
            ..entry
        }
    }

    /// The hash that the entry's content calls for: SHA-256 over its canonical JSON without the member `hash`, in lower-case hexadecimal.
    pub fn compute_hash(&self) -> String {
        sha256_hex(canonical::text(&self.members(false)).as_bytes())
    }

    /// The entry as a line of an export: canonical JSON, `hash` included, without the line's end.
    pub fn line(&self) -> String {
        canonical::text(&self.members(true))
    }

    fn members(&self, with_hash: bool) -> Value {
        let mut members = serde_json::to_value(self).unwrap_or_default();
        if let (false, Some(members)) = (with_hash, members.as_object_mut()) {
            members.remove("hash");
        }
        members
    }
}

impl From<&Entry> for Head {
    fn from(entry: &Entry) -> Self {
        Self {
            sequence: entry.sequence,
            hash: entry.hash.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Pseudonym;
    use serde_json::json;

    const ADDRESS: &str = "hmac-sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn entry(head: &Head) -> Entry {
        let event = Event {
            action: "device.updated",
            resource: "dev_1".into(),
            before: None,
            after: Some(json!({ "name": "Press", "limit": 1.0 })),
        };
        let origin = Origin {
            address: Pseudonym::parse(ADDRESS).ok(),
            reason: Reason::parse("recalibrated").ok(),
        };
        Entry::after(head, event, "usr_1", &origin, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_entry_answers_for_its_content_and_its_predecessor() {
        let first = entry(&Head::default());
        let second = entry(&Head::from(&first));
        assert_eq!((first.sequence, second.sequence), (1, 2));
        assert_eq!(second.previous, first.hash);
        let forged = Entry {
            reason: None,
            ..second.clone()
        };
        assert_ne!(forged.compute_hash(), second.hash);
        assert_eq!(second.compute_hash(), second.hash);
    }

    /// The form that others' programs rely on: it changes with a new format version only.
    #[test]
    fn the_canonical_form_is_as_documented() {
        let first = entry(&Head::default());
        let text = r#"{"action":"device.updated","actor":"usr_1","address":"ADDRESS","after":{"limit":1,"name":"Press"},"at":"1970-01-01T00:00:00Z","before":null,"format":2,"previous":"","reason":"recalibrated","resource":"dev_1","sequence":1}"#;
        assert_eq!(first.hash, sha256_hex(text.replace("ADDRESS", ADDRESS).as_bytes()));
        let read: Entry = serde_json::from_str(&first.line()).unwrap();
        assert_eq!(read.line(), first.line());
        assert_eq!(read.compute_hash(), first.hash);
    }

    #[test]
    fn an_entry_of_the_first_form_is_read_as_it_was_written() {
        let text = r#"{"action":"device.updated","actor":"usr_1","address":"192.0.2.1","after":{"limit":1,"name":"Press"},"at":"1970-01-01T00:00:00Z","before":null,"format":1,"previous":"","reason":"recalibrated","resource":"dev_1","sequence":1}"#;
        let entry: Entry = serde_json::from_str(text).unwrap();
        assert_eq!(entry.address, "192.0.2.1".parse().ok().map(Address::Clear));
        assert_eq!(entry.compute_hash(), sha256_hex(text.as_bytes()));
    }
}
