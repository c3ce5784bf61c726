//! Rotation: a new secret takes an old one's place, and for a while both are good.

use super::TokenHash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time that two secrets are good beside each other, in seconds: 7 days.
const LONGEST_OVERLAP: u32 = 7 * 24 * 60 * 60;

/// How long the secret before stays good after a rotation, in seconds: 0 to 604,800 (7 days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 0, maximum = 604800)]
pub struct Overlap(u32);

/// An overlap longer than 7 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 0 to 604800 seconds (7 days)")]
pub struct OverlapError;

/// A secret that another has taken the place of, while it is still good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    /// What is stored in its place.
    pub hash: TokenHash,
    /// The first instant at which it is good no more.
    pub until: Timestamp,
}

impl TryFrom<u32> for Overlap {
    type Error = OverlapError;
    fn try_from(seconds: u32) -> Result<Self, OverlapError> {
        (seconds <= LONGEST_OVERLAP)
            .then_some(Self(seconds))
            .ok_or(OverlapError)
    }
}

impl FormerSecret {
    /// What stays of a secret that is rotated now; nothing where the overlap is none.
    pub fn of(hash: TokenHash, overlap: Overlap, now: Timestamp) -> Option<Self> {
        let until = now.saturating_add(SignedDuration::from_secs(i64::from(overlap.0)));
        let until = until.ok().filter(|until| *until > now)?;
        Some(Self { hash, until })
    }

    /// Whether that is this secret, and it is still good.
    pub fn opens(&self, sent: &TokenHash, now: Timestamp) -> bool {
        sent.matches(&self.hash) && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_secret_is_good_until_its_overlap_ends() {
        let hash = TokenHash("a".repeat(64));
        let (now, overlap) = (Timestamp::UNIX_EPOCH, Overlap::try_from(60).unwrap());
        let former = FormerSecret::of(hash.clone(), overlap, now).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(former.opens(&hash, at(59)));
        assert!(!former.opens(&hash, at(60)));
        assert!(!former.opens(&TokenHash("b".repeat(64)), at(1)));
        assert_eq!(FormerSecret::of(hash, Overlap::default(), now), None);
        assert!(Overlap::try_from(LONGEST_OVERLAP).is_ok());
        assert_eq!(Overlap::try_from(LONGEST_OVERLAP + 1), Err(OverlapError));
    }
}
