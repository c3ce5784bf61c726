//! What an organisation notes of itself: a small map of texts, changed by merge patches (RFC 7396).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most keys.
const MOST_KEYS: usize = 50;
/// Longest key, in characters.
const KEY_CHARS: usize = 64;
/// Longest value, in characters.
const VALUE_CHARS: usize = 256;

/// At most 50 keys of 1 to 64 characters with values of up to 256, none of them a control character. Millwright reads nothing into them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// Keys to set, and with `None` to take away.
pub type MetadataPatch = BTreeMap<String, Option<String>>;

/// Why a patch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// This key is too long, empty, or holds a control character.
    #[error("must be a key of 1 to 64 characters, without control characters")]
    Key(String),
    /// The value of this key is too long, or holds a control character.
    #[error("must be a text of at most 256 characters, without control characters, or null")]
    Value(String),
    /// There would be more than 50.
    #[error("must come to at most 50 keys")]
    TooMany,
}

impl MetadataError {
    /// The key it is about, where it is about one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) | Self::Value(key) => Some(key),
            Self::TooMany => None,
        }
    }
}

impl Metadata {
    /// The map.
    pub fn entries(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The map with the patch applied.
    pub fn patched(&self, patch: &MetadataPatch) -> Result<Self, MetadataError> {
        let mut entries = self.0.clone();
        for (key, value) in patch {
            if !is_text(key, 1, KEY_CHARS) {
                return Err(MetadataError::Key(key.clone()));
            }
            match value {
                Some(value) if !is_text(value, 0, VALUE_CHARS) => return Err(MetadataError::Value(key.clone())),
                Some(value) => entries.insert(key.clone(), value.clone()),
                None => entries.remove(key),
            };
        }
        (entries.len() <= MOST_KEYS)
            .then_some(Self(entries))
            .ok_or(MetadataError::TooMany)
    }

    /// What stands at the keys of a patch, `None` where nothing does.
    pub fn at(&self, patch: &MetadataPatch) -> MetadataPatch {
        let at = patch.keys().map(|key| (key.clone(), self.0.get(key).cloned()));
        at.collect()
    }
}

fn is_text(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(pairs: &[(&str, Option<&str>)]) -> MetadataPatch {
        let own = |(key, value): &(&str, Option<&str>)| ((*key).to_owned(), value.map(str::to_owned));
        pairs.iter().map(own).collect()
    }

    #[test]
    fn a_patch_sets_what_it_names_and_takes_away_what_it_names_as_null() {
        let first = Metadata::default().patched(&patch(&[("site", Some("Kiel")), ("line", Some("4"))]));
        let first = first.unwrap();
        let change = patch(&[("line", None), ("erp", Some("")), ("none", None)]);
        let second = first.patched(&change).unwrap();
        let expected = patch(&[("erp", Some("")), ("site", Some("Kiel"))]);
        let entries = second
            .entries()
            .iter()
            .map(|(key, value)| (key.clone(), Some(value.clone())));
        assert_eq!(entries.collect::<MetadataPatch>(), expected);
        assert_eq!(
            first.at(&change),
            patch(&[("line", Some("4")), ("erp", None), ("none", None)])
        );
    }

    #[test]
    fn keys_values_and_their_number_are_bounded() {
        let refused = |key: &str, value: &str| Metadata::default().patched(&patch(&[(key, Some(value))])).err();
        assert_eq!(refused(&"ä".repeat(64), &"ö".repeat(256)), None);
        assert_eq!(refused("", "v"), Some(MetadataError::Key(String::new())));
        assert!(matches!(refused(&"k".repeat(65), "v"), Some(MetadataError::Key(_))));
        assert!(matches!(refused("a\nb", "v"), Some(MetadataError::Key(_))));
        assert_eq!(refused("k", &"v".repeat(257)), Some(MetadataError::Value("k".into())));
        assert_eq!(refused("k", "\0"), Some(MetadataError::Value("k".into())));
        let many =
            |count: usize| -> MetadataPatch { (0..count).map(|n| (n.to_string(), Some(String::new()))).collect() };
        let full = Metadata::default().patched(&many(50)).unwrap();
        assert_eq!(Metadata::default().patched(&many(51)), Err(MetadataError::TooMany));
        assert_eq!(
            full.patched(&patch(&[("more", Some("v"))])),
            Err(MetadataError::TooMany)
        );
        assert!(full.patched(&patch(&[("more", Some("v")), ("7", None)])).is_ok());
    }
}
