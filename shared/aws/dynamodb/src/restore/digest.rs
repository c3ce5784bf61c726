//! What is in a table, in a few bytes: the same for the same items, in whatever order they are read.

use crate::cell::Item;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many items, and the sum of their SHA-256 hashes (the first 16 bytes of each, as four numbers that wrap around).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest {
    /// How many items.
    pub items: u64,
    sum: [u32; 4],
}

impl Digest {
    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut sum = self.sum;
        for (sum, other) in sum.iter_mut().zip(other.sum) {
            *sum = sum.wrapping_add(other);
        }
        Self {
            items: self.items + other.items,
            sum,
        }
    }

    /// With one more item.
    pub(super) fn with(self, item: &Item) -> Self {
        let mut hash = Sha256::new();
        feed_members(&mut hash, item);
        let bytes = hash.finalize();
        let mut words = bytes.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        self.and(Self {
            items: 1,
            sum: std::array::from_fn(|_| words.next().unwrap_or_default()),
        })
    }
}

fn feed_members(hash: &mut Sha256, members: &Item) {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    part(hash, b'M', &members.len().to_be_bytes());
    for (name, cell) in members {
        part(hash, b'=', name.as_bytes());
        feed(hash, cell);
    }
}

fn feed(hash: &mut Sha256, cell: &AttributeValue) {
    match cell {
        AttributeValue::S(text) => part(hash, b'S', text.as_bytes()),
        AttributeValue::N(number) => part(hash, b'N', number.as_bytes()),
        AttributeValue::B(bytes) => part(hash, b'B', bytes.as_ref()),
        AttributeValue::Bool(value) => part(hash, b'?', &[u8::from(*value)]),
        AttributeValue::M(members) => feed_members(hash, members),
        AttributeValue::L(cells) => {
            part(hash, b'L', &cells.len().to_be_bytes());
            cells.iter().for_each(|cell| feed(hash, cell));
        }
        AttributeValue::Ss(set) => feed_set(hash, b's', set.iter().map(String::as_bytes)),
        AttributeValue::Ns(set) => feed_set(hash, b'n', set.iter().map(String::as_bytes)),
        AttributeValue::Bs(set) => feed_set(hash, b'b', set.iter().map(AsRef::as_ref)),
        // Null, and what DynamoDB may learn one day.
        other => part(hash, b'0', format!("{other:?}").as_bytes()),
    }
}

/// The members of a set have no order.
fn feed_set<'a>(hash: &mut Sha256, kind: u8, members: impl Iterator<Item = &'a [u8]>) {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable();
    part(hash, kind, &members.len().to_be_bytes());
    members.into_iter().for_each(|member| part(hash, kind, member));
}

/// Each part with its kind and its length, so that no two ways of cutting read the same.
fn part(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update(bytes.len().to_be_bytes());
    hash.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sk: &str, cell: AttributeValue) -> Item {
        let sk = AttributeValue::S(sk.to_owned());
        [("sk".to_owned(), sk), ("value".to_owned(), cell)].into()
    }

    fn number(text: &str) -> AttributeValue {
        AttributeValue::N(text.to_owned())
    }

    #[test]
    fn the_order_of_items_and_of_set_members_does_not_count() {
        let (one, two) = (item("1", number("1")), item("2", number("2")));
        let digest = Digest::default().with(&one).with(&two);
        assert_eq!(digest, Digest::default().with(&two).with(&one));
        assert_eq!(digest, Digest::default().with(&one).and(Digest::default().with(&two)));
        let set = |members: [&str; 2]| item("1", AttributeValue::Ss(members.map(str::to_owned).to_vec()));
        assert_eq!(
            Digest::default().with(&set(["a", "b"])),
            Digest::default().with(&set(["b", "a"]))
        );
    }

    #[test]
    fn whatever_differs_is_told() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let list = |cells: &[&str]| AttributeValue::L(cells.iter().map(|cell| text(cell)).collect());
        let cells = [
            number("1"),
            number("2"),
            text("1"),
            AttributeValue::Bool(true),
            AttributeValue::Null(true),
            list(&["ab"]),
            list(&["a", "b"]),
            list(&["b", "a"]),
            AttributeValue::M(item("1", number("1"))),
        ];
        let digests: Vec<_> = cells
            .into_iter()
            .map(|cell| Digest::default().with(&item("1", cell)))
            .collect();
        for (n, digest) in digests.iter().enumerate() {
            assert!(!digests[..n].contains(digest), "{n}");
            assert_eq!(digest.items, 1);
        }
    }
}
