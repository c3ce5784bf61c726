//! A journal to tamper with, and dice.

use crate::journal::verify::{Verdict, Verifier};
use crate::journal::{Address, Entry, Event, Head, KeyRing, Origin, Pseudonym, PublicKey, Reason, SignedHead};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use jiff::Timestamp;
use serde_json::json;
use std::rc::Rc;

/// Entries of the export that is tampered with: few, so that each of them is often the first, the last or a neighbour.
pub const ENTRIES: u64 = 16;

/// Numbers that are the same in every run (splitmix64, public domain).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }
}

pub struct Journal {
    pub key: Rc<EcdsaKeyPair>,
    pub entries: Vec<Entry>,
}

impl Journal {
    pub fn new() -> Self {
        Self::with(Rc::new(
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
        ))
    }

    pub fn with(key: Rc<EcdsaKeyPair>) -> Self {
        let mut journal = Self { key, entries: vec![] };
        (0..ENTRIES).for_each(|n| journal.write(n));
        journal
    }

    pub fn write(&mut self, n: u64) {
        let event = Event {
            action: "device.updated",
            resource: format!("dev_{n}"),
            before: (!n.is_multiple_of(3)).then(|| json!({ "name": "Press", "limits": [1, 2.5, null] })),
            after: Some(json!({ "name": format!("Préss {n}") })),
        };
        let origin = Origin {
            address: Pseudonym::parse(&format!("hmac-sha256:{}", "0f".repeat(32))).ok(),
            reason: Reason::parse("CAPA-17").ok().filter(|_| n.is_multiple_of(2)),
        };
        let at = Timestamp::from_millisecond(1_767_323_045_000 + i64::try_from(n).unwrap() * 1_111).unwrap();
        let head = self.entries.last().map(Head::from).unwrap_or_default();
        let entry = Entry::after(&head, event, "usr_1", &origin, at);
        self.entries.push(if n < ENTRIES / 2 {
            of_the_first_form(entry)
        } else {
            entry
        });
    }

    /// The head after so many entries, signed at that second.
    pub fn head(&self, sequence: usize, second: i64) -> SignedHead {
        let head = self.entries[..sequence].last().map(Head::from).unwrap_or_default();
        let org = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let at = Timestamp::from_second(second).unwrap();
        self.sign(SignedHead::unsigned(org, head, at, "key".into()))
    }

    pub fn sign(&self, head: SignedHead) -> SignedHead {
        let signature = self
            .key
            .sign(&SystemRandom::new(), head.signed_text().as_bytes())
            .unwrap();
        head.signed(signature.as_ref())
    }

    pub fn keys(&self) -> KeyRing {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().unwrap();
        KeyRing::new(&[PublicKey::new("key".into(), der.as_ref())]).unwrap()
    }

    pub fn lines(&self) -> Vec<String> {
        self.entries.iter().map(Entry::line).collect()
    }

    pub fn export(&self) -> Vec<String> {
        let head = self.head(self.entries.len(), 1_800_000_000);
        self.lines().into_iter().chain([head.line()]).collect()
    }

    pub fn check(&self, lines: &[String], heads: Vec<SignedHead>) -> Verdict {
        let mut verifier = Verifier::new(Some(self.keys()), heads);
        lines.iter().for_each(|line| verifier.line(line));
        verifier.finish()
    }

    pub fn told(&self, lines: &[String]) -> Vec<String> {
        let verdict = self.check(lines, vec![]);
        verdict.divergences.iter().map(ToString::to_string).collect()
    }
}

/// The entry as it was written before addresses stood under keys.
fn of_the_first_form(entry: Entry) -> Entry {
    let address = "2001:db8::1".parse().ok().map(Address::Clear);
    let entry = Entry {
        format: 1,
        address,
        ..entry
    };
    Entry {
        hash: entry.compute_hash(),
        ..entry
    }
}
