//! What is to be deleted: `[{"uuid": ..., "bucket": ..., "key": ...}]`, each entry judged by itself.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Most entries of one message: as many objects as one call of S3 deletes (AWS "DeleteObjects").
const MAX_ENTRIES: usize = 1000;
/// Longest key, in bytes (AWS "Naming Amazon S3 objects").
const MAX_KEY: usize = 1024;
/// Longest `uuid`, in bytes: more than any spelling of one.
const MAX_UUID: usize = 64;

/// Where objects may be deleted.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The system's own bucket.
    pub bucket: String,
    /// What the keys must begin with.
    pub prefixes: Vec<String>,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// The keys to delete, each once.
    pub keys: BTreeSet<String>,
    /// How many entries there are.
    pub entries: usize,
    /// Which entries cannot be granted (counted from 1), and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// Why an entry cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is not {{uuid, bucket, key}} with texts")]
    Form,
    #[error("its uuid is not 1 to 64 visible ASCII characters")]
    Uuid,
    #[error("its bucket is not ours")]
    Bucket,
    #[error("its key is not 1 to 1024 bytes without control characters")]
    Key,
    #[error("its key is outside of what may be deleted")]
    Prefix,
}

/// Why a message as a whole cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("not a list of {{uuid, bucket, key}}")]
    Form,
    #[error("{0} entries, and at most 1000 fit a message: send them in several")]
    TooMany(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    uuid: String,
    bucket: String,
    key: String,
}

impl Bounds {
    /// Reads a message.
    pub fn read(&self, text: &str) -> Result<Wish, Unreadable> {
        let entries: Vec<Value> = serde_json::from_str(text).map_err(|_| Unreadable::Form)?;
        if entries.len() > MAX_ENTRIES {
            return Err(Unreadable::TooMany(entries.len()));
        }
        let mut wish = Wish {
            entries: entries.len(),
            ..Wish::default()
        };
        for (n, entry) in entries.into_iter().enumerate() {
            match self.key(entry) {
                Ok(key) => drop(wish.keys.insert(key)),
                Err(refusal) => wish.refused.push((n + 1, refusal)),
            }
        }
        Ok(wish)
    }

    /// The key of an entry that may be deleted.
    fn key(&self, entry: Value) -> Result<String, Refusal> {
        let Entry { uuid, bucket, key } = serde_json::from_value(entry).map_err(|_| Refusal::Form)?;
        let visible = uuid.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || !(1..=MAX_UUID).contains(&uuid.len()) {
            return Err(Refusal::Uuid);
        }
        if bucket != self.bucket {
            return Err(Refusal::Bucket);
        }
        if !(1..=MAX_KEY).contains(&key.len()) || key.chars().any(unspeakable) {
            return Err(Refusal::Key);
        }
        let below = |prefix: &String| key.len() > prefix.len() && key.starts_with(prefix);
        if self.prefixes.iter().any(below) {
            Ok(key)
        } else {
            Err(Refusal::Prefix)
        }
    }
}

/// What XML, in which S3 takes the keys, cannot hold: one such key would fail all of its call.
fn unspeakable(c: char) -> bool {
    c.is_control() || "\u{fffe}\u{ffff}".contains(c)
}

impl Wish {
    /// Why the message is given up, where an entry was refused.
    pub fn reason(&self) -> Option<String> {
        let (count, entries) = (self.refused.len(), self.entries);
        (count > 0).then(|| format!("{count} of {entries} entries refused: {}", Listed(&self.refused)))
    }
}

/// Refusals, each with the place of its entry.
struct Listed<'a>(&'a [(usize, Refusal)]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (place, refusal)) in self.0.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}entry {place}: {refusal}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bounds() -> Bounds {
        Bounds {
            bucket: "ours".into(),
            prefixes: vec!["uploads/".into(), "archive/".into()],
        }
    }

    fn read(message: &Value) -> Wish {
        bounds().read(&message.to_string()).unwrap()
    }

    #[test]
    fn what_is_ours_is_granted_once_however_often_it_is_asked_for() {
        let entry = |key: &str| json!({ "uuid": "7e0c", "bucket": "ours", "key": key });
        let wish = read(&json!([entry("uploads/a"), entry("archive/é b"), entry("uploads/a")]));
        assert_eq!(wish.keys.iter().collect::<Vec<_>>(), ["archive/é b", "uploads/a"]);
        assert_eq!((wish.entries, wish.reason()), (3, None));
        assert_eq!(read(&json!([])), Wish::default());
    }

    #[test]
    fn each_entry_is_judged_by_itself() {
        let entry = |uuid: &str, bucket: &str, key: &str| json!({ "uuid": uuid, "bucket": bucket, "key": key });
        for (entry, refusal) in [
            (json!("uploads/a"), Refusal::Form),
            (json!({ "bucket": "ours", "key": "uploads/a" }), Refusal::Form),
            (json!({ "uuid": "u", "bucket": "ours", "key": 7 }), Refusal::Form),
            (
                json!({ "uuid": "u", "bucket": "ours", "key": "uploads/a", "force": true }),
                Refusal::Form,
            ),
            (entry("", "ours", "uploads/a"), Refusal::Uuid),
            (entry(&"u".repeat(65), "ours", "uploads/a"), Refusal::Uuid),
            (entry("u", "theirs", "uploads/a"), Refusal::Bucket),
            (entry("u", "ours", ""), Refusal::Key),
            (
                entry("u", "ours", &format!("uploads/{}", "x".repeat(1017))),
                Refusal::Key,
            ),
            (entry("u", "ours", "uploads/\u{1}"), Refusal::Key),
            (entry("u", "ours", "uploads/"), Refusal::Prefix),
            (entry("u", "ours", "/uploads/a"), Refusal::Prefix),
            (entry("u", "ours", "secrets/a"), Refusal::Prefix),
        ] {
            let wish = read(&json!([entry, { "uuid": "u", "bucket": "ours", "key": "uploads/good" }]));
            assert_eq!(wish.refused, [(1, refusal)], "{entry}");
            assert_eq!(wish.keys.len(), 1, "{entry}");
            assert_eq!(
                wish.reason().unwrap(),
                format!("1 of 2 entries refused: entry 1: {refusal}")
            );
        }
    }

    #[test]
    fn a_message_is_a_list_of_at_most_a_thousand() {
        for text in ["", "x", "{}", "\"uploads/a\"", "[1"] {
            assert_eq!(bounds().read(text), Err(Unreadable::Form), "{text}");
        }
        let entry = json!({ "uuid": "u", "bucket": "ours", "key": "uploads/a" });
        assert_eq!(read(&json!(vec![entry.clone(); 1000])).entries, 1000);
        let too_many = json!(vec![entry; 1001]).to_string();
        assert_eq!(bounds().read(&too_many), Err(Unreadable::TooMany(1001)));
    }
}
