//! What this execution environment has noted: most uploads are of streams and devices that need no further note, and cost no write for one.

use crate::settings::Remembered;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Most things remembered of a kind, some 2 MB; a full memory begins anew, which costs a write each and nothing else.
const MOST: usize = 10_000;

/// A device: organisation, generation of its table, device. A table restored to an earlier state needs its notes again.
pub(crate) type DeviceKey = (OrgId, u32, DeviceId);
/// A stream of a device.
pub(crate) type StreamKey = (DeviceKey, VariableName);

/// The notes written so far.
#[derive(Default)]
pub struct Known {
    /// Of streams: the longest span in nanoseconds.
    pub(crate) spans: Memory<StreamKey>,
    /// Of streams with readings dated in the future: up to which time, in nanoseconds since the epoch, none need be noted.
    pub(crate) futures: Memory<StreamKey>,
    /// Of devices heard of: up to which time, in milliseconds since the epoch, no sign of life need be noted.
    pub(crate) seen: Memory<DeviceKey>,
    /// Of streams: what is laid down about them.
    pub(crate) settings: Remembered,
}

/// The greatest number noted of each thing.
pub(crate) struct Memory<K>(Mutex<HashMap<K, i64>>);

impl<K> Default for Memory<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Memory<K> {
    /// Whether that number or a greater one has been noted.
    pub fn covers(&self, key: &K, number: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).is_some_and(|noted| *noted >= number)
    }

    /// Remembers a note that is written.
    pub fn remember(&self, key: K, number: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&key) {
            known.clear();
        }
        known
            .entry(key)
            .and_modify(|noted| *noted = number.max(*noted))
            .or_insert(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greater_number_needs_a_note_of_its_own_and_the_memory_is_bounded() {
        let known = Memory::default();
        assert!(!known.covers(&0, 0));
        known.remember(0, 8);
        known.remember(0, 4);
        assert!(known.covers(&0, 8) && !known.covers(&0, 16));
        (0..=MOST).for_each(|n| known.remember(n, 1));
        assert!(known.covers(&MOST, 1) && known.0.lock().unwrap().len() <= MOST);
    }
}
