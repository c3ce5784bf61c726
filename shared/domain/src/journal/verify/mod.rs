//! Checking an export without Millwright: which entries were edited, removed, reordered, repeated or cut off.
//!
//! Trust goes backwards from a signed head: it names the last entry's hash, that entry the one before it, and so on. Where an entry is missing
//! or altered, nothing vouches for what lies before it, unless another head does; [`Verdict::confirmed`] counts what is vouched for.

mod chain;
mod divergence;
mod order;
#[cfg(test)]
mod tests;

pub use divergence::Divergence;

use super::{Entry, FORMATS, KeyRing, SignedHead};
use chain::Chain;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Reads an export line by line, then judges it. It keeps some 200 bytes an entry.
#[derive(Debug, Default)]
pub struct Verifier {
    keys: Option<KeyRing>,
    heads: Vec<SignedHead>,
    closing: Option<SignedHead>,
    links: Vec<Link>,
    divergences: Vec<Divergence>,
    lines: usize,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Entries read.
    pub entries: usize,
    /// How many of them a signed head vouches for.
    pub confirmed: usize,
    /// Whether the heads' signatures were checked.
    pub signatures_checked: bool,
    /// All that is not as it was written, in the order of the entries. None: the journal is whole.
    pub divergences: Vec<Divergence>,
}

/// What the chain needs of an entry.
#[derive(Debug, Clone)]
struct Link {
    line: usize,
    sequence: u64,
    previous: String,
    hash: String,
    /// Whether its content has its hash.
    sound: bool,
}

impl Verifier {
    /// A verifier that checks heads' signatures with these keys, where there are some, and trusts these heads beside the one that closes the file.
    pub fn new(keys: Option<KeyRing>, heads: Vec<SignedHead>) -> Self {
        Self {
            keys,
            heads,
            ..Self::default()
        }
    }

    /// Takes the next line.
    pub fn line(&mut self, text: &str) {
        self.lines += 1;
        if self.closing.is_some() {
            return self.unreadable("stands after the signed head");
        }
        if let Some(head) = canonical(text, SignedHead::line) {
            self.closing = Some(head);
            return;
        }
        match serde_json::from_str::<Entry>(text) {
            Ok(entry) => self.entry(entry, text),
            Err(_) => self.unreadable("cannot be read as an entry"),
        }
    }

    /// The places and hashes of the entries read so far.
    pub fn hashes(&self) -> impl Iterator<Item = (u64, &str)> {
        self.links.iter().map(|link| (link.sequence, link.hash.as_str()))
    }

    /// Tells of each entry read so far that is another than the one of its place in an archive.
    pub fn compare(&mut self, archived: &BTreeMap<u64, String>) {
        let differs = |link: &&Link| archived.get(&link.sequence).is_some_and(|hash| *hash != link.hash);
        let links = self.links.iter().filter(differs);
        let told = links.map(|link| Divergence::Differs {
            sequence: link.sequence,
        });
        self.divergences.extend(told);
    }

    fn entry(&mut self, entry: Entry, text: &str) {
        let known = FORMATS.contains(&entry.format);
        let sound = known && entry.compute_hash() == entry.hash;
        if !known {
            self.unreadable("is of a format that this program does not know");
        } else if entry.line() != text {
            self.unreadable("is not written in the canonical form");
        }
        self.links.push(Link {
            line: self.lines,
            sequence: entry.sequence,
            previous: entry.previous,
            hash: entry.hash,
            sound,
        });
    }

    fn unreadable(&mut self, why: &'static str) {
        let line = self.lines;
        self.divergences.push(Divergence::Unreadable { line, why });
    }

    /// Judges what was read.
    pub fn finish(mut self) -> Verdict {
        let (entries, signatures_checked) = (self.links.len(), self.keys.is_some());
        let heads = self.trusted_heads();
        let closing = self.closing.filter(|head| heads.contains(head));
        let chain = Chain::of(self.links, &heads, &mut self.divergences);
        chain.tell_gaps(closing.as_ref(), &heads, &mut self.divergences);
        let confirmed = chain.confirm(&heads, &mut self.divergences);
        self.divergences.sort_by_key(Divergence::place);
        self.divergences.dedup();
        Verdict {
            entries,
            confirmed,
            signatures_checked,
            divergences: self.divergences,
        }
    }

    /// The heads that are signed, of one organisation. Where there are none, that is told.
    fn trusted_heads(&mut self) -> Vec<SignedHead> {
        let all: Vec<_> = self.closing.iter().chain(&self.heads).cloned().collect();
        let org = all.first().map(|head| head.org);
        let mut trusted = Vec::new();
        for head in all {
            let sequence = head.sequence;
            if self.keys.as_ref().is_some_and(|keys| !keys.signed(&head)) {
                self.divergences.push(Divergence::Unsigned { sequence });
            } else if Some(head.org) != org {
                self.divergences.push(Divergence::Foreign { sequence });
            } else {
                trusted.push(head);
            }
        }
        if trusted.is_empty() {
            self.divergences.push(Divergence::NoHead);
        }
        trusted
    }
}

/// A value whose canonical form the text is.
fn canonical<T: DeserializeOwned>(text: &str, form: impl Fn(&T) -> String) -> Option<T> {
    let value = serde_json::from_str(text).ok()?;
    (form(&value) == text).then_some(value)
}
