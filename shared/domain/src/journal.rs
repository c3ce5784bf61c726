//! The journal: every change of an organisation as an entry that carries the hash of the one before.
//!
//! Entries name people and things by id only. The hash is SHA-256 over the entry's canonical JSON (members sorted, no white space),
//! so that a program of anybody's can check the chain.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What somebody did, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What was done, as in `device.created`.
    pub action: &'static str,
    /// What it was done to: an id.
    pub resource: String,
    /// The state before, where there was one.
    pub before: Option<Value>,
    /// The state after, where there is one.
    pub after: Option<Value>,
}

/// One link of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place, from 1, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who: the id of a person, key or task.
    pub actor: String,
    /// What, as in `device.created`.
    pub action: String,
    /// To what: an id.
    pub resource: String,
    /// The state before.
    pub before: Option<Value>,
    /// The state after.
    pub after: Option<Value>,
    /// The hash of the entry before; empty in the first.
    pub previous: String,
    /// The hash of this one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
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
    pub fn after(head: &Head, event: Event, actor: &str, at: Timestamp) -> Self {
        let Event {
            action,
            resource,
            before,
            after,
        } = event;
        let mut entry = Self {
            sequence: head.sequence + 1,
            at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            resource,
            before,
            after,
            previous: head.hash.clone(),
            hash: String::new(),
        };
        entry.hash = entry.compute_hash();
        entry
    }

    /// The hash that the entry's content calls for, in lower-case hexadecimal.
    pub fn compute_hash(&self) -> String {
        let unhashed = Self {
            hash: String::new(),
            ..self.clone()
        };
        // serde_json's own maps are sorted by member name, which makes the text canonical.
        let canonical = serde_json::to_value(unhashed).unwrap_or_default().to_string();
        Sha256::digest(canonical.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_answers_for_its_content_and_its_predecessor() {
        let event = || Event {
            action: "device.created",
            resource: "dev_1".into(),
            before: None,
            after: None,
        };
        let first = Entry::after(&Head::default(), event(), "usr_1", Timestamp::UNIX_EPOCH);
        let head = Head {
            sequence: first.sequence,
            hash: first.hash.clone(),
        };
        let second = Entry::after(&head, event(), "usr_1", Timestamp::UNIX_EPOCH);
        assert_eq!((first.sequence, second.sequence), (1, 2));
        assert_eq!(second.previous, first.hash);
        let forged = Entry {
            actor: "usr_2".into(),
            ..second.clone()
        };
        assert_ne!(forged.compute_hash(), second.hash);
        assert_eq!(second.compute_hash(), second.hash);
    }
}
