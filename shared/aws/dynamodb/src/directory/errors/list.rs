//! The kinds of errors in the order of their first sightings.

use super::{ErrorKind, KEPT};
use crate::directory::Directory;
use crate::keys;
use crate::table::{Range, Walk, from_item};
use domain::ServiceError;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A kind's place in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorPlace(String);

impl ErrorPlace {
    fn of(kind: &ErrorKind) -> Self {
        Self(keys::error_listed(kind.first_seen, &kind.fingerprint).sk)
    }
}

impl FromStr for ErrorPlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |part: &str| !part.is_empty() && part.len() <= 64 && part.chars().all(|c| c.is_ascii_hexdigit());
        let parts = text.split_once('#').filter(|(time, print)| hex(time) && hex(print));
        parts
            .map(|_| Self(text.to_owned()))
            .ok_or("not a place in the list of errors")
    }
}

impl fmt::Display for ErrorPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    fingerprint: &'a str,
    expires_at: i64,
}

#[derive(Deserialize)]
struct Place {
    sk: ErrorPlace,
    fingerprint: String,
}

impl Directory {
    /// A page of the kinds of errors, the one that came up last at the top, after the place `after`; and the last one's place where there may
    /// be more. A page can be shorter than `limit`: what is forgotten goes from it.
    pub async fn errors(
        &self,
        after: Option<&ErrorPlace>,
        limit: usize,
    ) -> Result<(Vec<ErrorKind>, Option<ErrorPlace>), ServiceError> {
        let walk = Walk {
            ascending: false,
            after: after.map(|place| place.0.as_str()),
            limit,
        };
        let slice = self.table.query::<Place>(keys::ERRORS, Range::All, walk).await?;
        // A kind that was forgotten and came up again has two places for a while: it is read once and shown at its own.
        let kinds: BTreeSet<_> = slice.items.iter().map(|place| &place.fingerprint).collect();
        let wanted: Vec<_> = kinds.into_iter().map(|fingerprint| keys::error(fingerprint)).collect();
        let found = self.table.get_many(&wanted).await?;
        let mut kinds = found
            .into_iter()
            .map(from_item)
            .collect::<Result<Vec<ErrorKind>, _>>()?;
        kinds.retain(|kind| slice.items.iter().any(|place| place.sk == ErrorPlace::of(kind)));
        kinds.sort_by_key(|kind| Reverse(ErrorPlace::of(kind).0));
        Ok((kinds, slice.next.map(ErrorPlace)))
    }

    /// Lists a kind, for as long as its row lives. The place follows from the row, so writing it again changes nothing but its end.
    pub(super) async fn list_error(&self, kind: &ErrorKind) -> Result<(), ServiceError> {
        let listed = Listed {
            fingerprint: &kind.fingerprint,
            expires_at: (kind.last_seen + KEPT).as_second(),
        };
        self.table
            .put(&keys::error_listed(kind.first_seen, &kind.fingerprint), &listed)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_time_and_a_fingerprint() {
        assert!("98a1f00000000000#0f1e2d3c".parse::<ErrorPlace>().is_ok());
        for text in ["", "#", "98a1#", "#98a1", "98a1", "98a1#xyz", "98a1#00#00"] {
            assert!(text.parse::<ErrorPlace>().is_err(), "{text}");
        }
    }
}
