//! Mail to people: which notice a mail is, and what became of the address it went to.

use crate::TaskId;
use crate::text::Email;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Longest id of a notice (SES "MessageTag": its value).
const NOTICE_BYTES: usize = 256;
/// Length of a SHA-256 in hexadecimal.
const HASH_LENGTH: usize = 64;

/// Which notice a mail is: a task's id, say. 1 to 256 ASCII letters, digits, `-` and `_`, since it travels as a tag of the mail (SES "MessageTag").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeId(String);

/// A text that is no notice's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a notice's id has 1 to 256 ASCII letters, digits, - and _")]
pub struct NoticeIdError;

impl NoticeId {
    /// The id as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NoticeId {
    type Err = NoticeIdError;

    fn from_str(text: &str) -> Result<Self, NoticeIdError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let good = (1..=NOTICE_BYTES).contains(&text.len()) && text.bytes().all(plain);
        good.then(|| Self(text.to_owned())).ok_or(NoticeIdError)
    }
}

impl From<TaskId> for NoticeId {
    /// The notice that tells of a task's end.
    fn from(task: TaskId) -> Self {
        Self(task.to_string())
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 of an address in lower case, in hexadecimal: what is known of an address is stored under it, never under the address itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressHash(String);

impl AddressHash {
    /// The hash of an address.
    pub fn of(address: &Email) -> Self {
        let digest = Sha256::digest(address.as_str());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The hash as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a hash back; `None` for a text that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let good = text.len() == HASH_LENGTH && text.bytes().all(hex);
        good.then(|| Self(text.to_owned()))
    }
}

/// Why no more mail goes to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// A mail came back for good: there is no such mailbox.
    Bounced,
    /// Whoever reads it called a mail unwanted.
    Complained,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notices_id_is_what_a_tag_can_hold() {
        for good in ["tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "a", &"x".repeat(256)] {
            assert_eq!(good.parse::<NoticeId>().unwrap().as_str(), good);
        }
        for wrong in ["", "a b", "é", "a:b", &"x".repeat(257)] {
            assert_eq!(wrong.parse::<NoticeId>(), Err(NoticeIdError), "{wrong}");
        }
    }

    #[test]
    fn an_address_has_one_hash_however_it_is_typed() {
        let hash = |text| AddressHash::of(&Email::parse(text).unwrap());
        assert_eq!(hash("Ada@Example.COM"), hash("ada@example.com"));
        let ada = hash("ada@example.com");
        assert_eq!(AddressHash::parse(ada.as_str()), Some(ada));
        assert_eq!(AddressHash::parse("ada@example.com"), None);
        // printf ada@example.com | sha256sum
        assert_eq!(
            hash("ada@example.com").as_str(),
            "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
        );
    }
}
