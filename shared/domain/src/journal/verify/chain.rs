//! The entries by their numbers: which are missing, repeated, out of order, and for which of them a head vouches.

use super::order::out_of_order;
use super::{Divergence, Link};
use crate::journal::SignedHead;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One entry a number.
pub(super) struct Chain(BTreeMap<u64, Link>);

impl Chain {
    /// Gives each entry its number, and tells which are not in their places.
    pub fn of(links: Vec<Link>, heads: &[SignedHead], told: &mut Vec<Divergence>) -> Self {
        let links = numbered(links, heads, told);
        let numbers: Vec<_> = links.iter().map(|link| link.sequence).collect();
        let misplaced: HashSet<_> = out_of_order(&numbers).into_iter().collect();
        let mut chain: BTreeMap<u64, Link> = BTreeMap::new();
        for (place, link) in links.into_iter().enumerate() {
            let (sequence, line) = (link.sequence, link.line);
            match chain.get(&sequence) {
                Some(there) => {
                    told.push(Divergence::Repeated { sequence, line });
                    if there.sound {
                        continue;
                    }
                }
                None if misplaced.contains(&place) => told.push(Divergence::Misplaced { sequence, line }),
                None => {}
            }
            chain.insert(sequence, link);
        }
        Self(chain)
    }

    /// Tells what is missing up to the head that closes the file, and what goes beyond. A head signed before the closing one that knows of later
    /// entries than that tells of entries that are gone; one signed after it may.
    pub fn tell_gaps(&self, closing: Option<&SignedHead>, heads: &[SignedHead], told: &mut Vec<Divergence>) {
        let mut next = closing.map_or(1, |head| head.first);
        for sequence in self.0.keys().copied() {
            if sequence < next || closing.is_some_and(|head| sequence > head.sequence) {
                told.push(Divergence::Added { sequence });
                continue;
            }
            tell_missing(next, sequence, told);
            next = sequence.saturating_add(1);
        }
        let end = match closing {
            Some(head) => Some(head.sequence),
            None => heads.iter().map(|head| head.sequence).max(),
        };
        tell_missing(next, end.unwrap_or_default().saturating_add(1), told);
        let Some(closing) = closing else { return };
        let before = heads.iter().filter(|head| head.at <= closing.at);
        let known = before.map(|head| head.latest).max().unwrap_or_default();
        tell_missing(closing.latest.saturating_add(1), known.saturating_add(1), told);
    }

    /// Goes back from each head for as long as every entry is the one that its successor names, and looks whether the rest attach to one
    /// another. How many entries are vouched for.
    pub fn confirm(&self, heads: &[SignedHead], told: &mut Vec<Divergence>) -> usize {
        let mut confirmed = HashSet::new();
        for head in heads {
            let (mut sequence, mut expected) = (head.sequence, &head.hash);
            while let Some(link) = self.0.get(&sequence) {
                if link.sound && link.hash != *expected {
                    told.push(Divergence::Rewritten { sequence });
                }
                if !link.sound || link.hash != *expected || !confirmed.insert(sequence) {
                    break;
                }
                (sequence, expected) = (sequence.saturating_sub(1), &link.previous);
            }
        }
        let rest = self.0.values().filter(|link| !confirmed.contains(&link.sequence));
        told.extend(rest.filter(|link| !self.attached(link)).map(|link| {
            let sequence = link.sequence;
            Divergence::Unattached { sequence }
        }));
        confirmed.len()
    }

    /// Whether an entry names the one before it, as far as can be told.
    fn attached(&self, link: &Link) -> bool {
        let before = link.sequence.checked_sub(1).and_then(|before| self.0.get(&before));
        match before {
            Some(before) => !before.sound || !link.sound || before.hash == link.previous,
            None => link.sequence != 1 || link.previous.is_empty(),
        }
    }
}

/// Tells that the entries from `from` to before `to` are missing, where there are any.
fn tell_missing(from: u64, to: u64, told: &mut Vec<Divergence>) {
    if from < to {
        told.push(Divergence::Missing {
            first: from,
            last: to - 1,
        });
    }
}

/// An entry whose content does not have its hash may have had its number edited: whoever names its hash tells the true one.
fn numbered(links: Vec<Link>, heads: &[SignedHead], told: &mut Vec<Divergence>) -> Vec<Link> {
    let sound = || links.iter().filter(|link| link.sound);
    let taken: HashSet<_> = sound().map(|link| link.sequence).collect();
    let named = sound().map(|link| (link.previous.clone(), link.sequence.saturating_sub(1)));
    let named = named.chain(heads.iter().map(|head| (head.hash.clone(), head.sequence)));
    let named: HashMap<_, _> = named.collect();
    let mut known = Vec::new();
    for link in links {
        let (line, claimed) = (link.line, (!taken.contains(&link.sequence)).then_some(link.sequence));
        let number = match link.sound {
            true => Some(link.sequence),
            false => named.get(&link.hash).copied().or(claimed),
        };
        let Some(sequence) = number else {
            let why = "has the number of another entry, and not the hash that its content calls for";
            told.push(Divergence::Unreadable { line, why });
            continue;
        };
        if !link.sound {
            told.push(Divergence::Edited { sequence, line });
        }
        known.push(Link { sequence, ..link });
    }
    known
}
