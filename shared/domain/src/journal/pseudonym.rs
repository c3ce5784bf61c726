//! Pseudonyms: what stands in an entry for a value that is a person's.
//!
//! A person's key lies in their row of the directory and nowhere else. While it does, whoever may read the journal can ask whether entries came
//! from an address; once the account's deletion has destroyed it, nobody can tell any more, and the chain of hashes is as whole as before.
//! API keys, devices and machines are the organisation's: one key in its row is for the addresses of all of them, so that what a
//! revoked API key did can still be searched for.

use crate::Source;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// What a pseudonym begins with: how it is made.
const PREFIX: &str = "hmac-sha256:";
/// What is said before an address that goes into a pseudonym, so that no value of another kind has the same.
const ADDRESS: &[u8] = b"address\0";

/// The key of the pseudonyms of one person, or of an organisation's machines: 32 random bytes, stored in base 64. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PseudonymKey([u8; 32]);

/// A value under somebody's key: `hmac-sha256:` and HMAC-SHA256 (RFC 2104) in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pseudonym(String);

/// A text that is no pseudonym, or no key of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pseudonym, or not a key of pseudonyms")]
pub struct NoPseudonym;

/// Where a request came from, as an entry tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Address {
    /// Under the key of whoever sent it (format 2).
    Pseudonym(Pseudonym),
    /// As API Gateway saw it (format 1).
    Clear(IpAddr),
}

impl PseudonymKey {
    /// A new key.
    pub fn new(source: &Source) -> Self {
        Self(source.bytes())
    }

    /// The pseudonym of an address: of its text (RFC 5952 for IPv6), an IPv4-mapped one's as IPv4.
    pub fn address(&self, address: IpAddr) -> Pseudonym {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let text = address.to_canonical().to_string();
        let tag = hmac::sign(&key, &[ADDRESS, text.as_bytes()].concat());
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Pseudonym(format!("{PREFIX}{hex}"))
    }
}

impl Pseudonym {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, NoPseudonym> {
        let hex = text.strip_prefix(PREFIX).ok_or(NoPseudonym)?;
        let digits = hex.len() == 64 && hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| Self(text.to_owned())).ok_or(NoPseudonym)
    }

    /// The pseudonym.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Address {
    /// Whether it is that of `address`, sent by whoever has the key.
    pub fn is(&self, address: IpAddr, key: Option<&PseudonymKey>) -> bool {
        match self {
            Self::Clear(told) => told.to_canonical() == address.to_canonical(),
            Self::Pseudonym(told) => key.is_some_and(|key| key.address(address) == *told),
        }
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

impl TryFrom<String> for PseudonymKey {
    type Error = NoPseudonym;
    fn try_from(text: String) -> Result<Self, NoPseudonym> {
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| NoPseudonym)?;
        bytes.try_into().map(Self).map_err(|_| NoPseudonym)
    }
}

impl From<PseudonymKey> for String {
    fn from(key: PseudonymKey) -> Self {
        STANDARD_NO_PAD.encode(key.0)
    }
}

impl TryFrom<String> for Pseudonym {
    type Error = NoPseudonym;
    fn try_from(text: String) -> Result<Self, NoPseudonym> {
        Self::parse(&text)
    }
}

impl From<Pseudonym> for String {
    fn from(pseudonym: Pseudonym) -> Self {
        pseudonym.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    fn key(byte: u8) -> PseudonymKey {
        PseudonymKey([byte; 32])
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_told_by_its_senders_key_alone() {
        let told = Address::Pseudonym(key(1).address(ip("192.0.2.1")));
        assert!(told.is(ip("192.0.2.1"), Some(&key(1))));
        assert!(told.is(ip("::ffff:192.0.2.1"), Some(&key(1))));
        for (address, key) in [
            ("192.0.2.2", Some(key(1))),
            ("192.0.2.1", Some(key(2))),
            ("192.0.2.1", None),
        ] {
            assert!(!told.is(ip(address), key.as_ref()), "{address} {key:?}");
        }
        assert!(Address::Clear(ip("192.0.2.1")).is(ip("192.0.2.1"), None));
    }

    /// By Python's hmac.new(bytes([1] * 32), b"address\x00192.0.2.1", "sha256").
    #[test]
    fn a_pseudonym_is_made_as_documented() {
        let made = key(1).address(ip("192.0.2.1"));
        assert_eq!(
            made.as_str(),
            "hmac-sha256:682e05dc2b9acc155d63c49fa772d6cea56cb8bc3c2937ecb659bfe294a1feea"
        );
    }

    #[test]
    fn both_forms_of_an_address_are_read_back_and_nothing_else() {
        for address in [
            Address::Pseudonym(key(1).address(ip("::1"))),
            Address::Clear(ip("2001:db8::1")),
        ] {
            assert_eq!(from_value::<Address>(to_value(&address).unwrap()).unwrap(), address);
        }
        for wrong in [
            "",
            "hmac-sha256:ab",
            "ada@example.com",
            &format!("hmac-sha256:{}", "A".repeat(64)),
        ] {
            assert!(from_value::<Address>(json!(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_read_back_and_never_shown() {
        let stored = to_value(key(7)).unwrap();
        assert_eq!(from_value::<PseudonymKey>(stored).unwrap(), key(7));
        assert!(from_value::<PseudonymKey>(json!("AAAA")).is_err());
        assert_eq!(format!("{:?}", key(7)), "PseudonymKey(..)");
    }
}
