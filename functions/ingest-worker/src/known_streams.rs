//! Streams that this execution environment has noted: most uploads are of streams that exist, and need no write to say so.

use domain::reading::VariableName;
use domain::{DeviceId, OrgId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most streams remembered, some 2 MB; a full memory begins anew, which costs a write a stream and nothing else.
const MOST: usize = 10_000;

/// A stream: organisation, generation of its table, device, variable. A table restored to an earlier state needs its notes again.
pub type Key = (OrgId, u32, DeviceId, VariableName);

/// The streams noted so far, each with the span that was noted.
#[derive(Default)]
pub struct KnownStreams(Mutex<HashMap<Key, i64>>);

impl KnownStreams {
    /// Whether the stream has been noted with that span or a longer one.
    pub(crate) fn covers(&self, key: &Key, span: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).is_some_and(|noted| *noted >= span)
    }

    /// Remembers a note that is written.
    pub(crate) fn remember(&self, key: Key, span: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known
            .entry(key)
            .and_modify(|noted| *noted = span.max(*noted))
            .or_insert(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_span_needs_a_note_of_its_own() {
        let key = |name: &str| {
            let org = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
            let device = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
            (org, 1, device, name.parse().unwrap())
        };
        let known = KnownStreams::default();
        assert!(!known.covers(&key("a"), 0));
        known.remember(key("a"), 8);
        known.remember(key("a"), 4);
        assert!(known.covers(&key("a"), 8) && !known.covers(&key("a"), 16));
        (0..MOST).for_each(|n| known.remember(key(&format!("s{n}")), 1));
        assert!(known.0.lock().unwrap().len() <= MOST);
    }
}
