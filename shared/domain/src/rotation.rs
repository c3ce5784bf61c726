//! Refresh tokens that are used once: each use gives the next. Which one is good is a number in the row of the sign-in; the number in the token
//! is sealed ([`crate::seal`]).
//!
//! Whoever lost the answer may ask again with the token before the last for [`GRACE`]. After that its use tells that two have it (RFC 9700
//! section 4.14.2), and the whole sign-in ends: which of the two is the owner, nobody can say.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long the token before the last is still good: as long as a client waits for an answer that does not come, and asks again.
pub const GRACE: SignedDuration = SignedDuration::from_secs(10);
/// How long a refresh token can be good after sign-in at most: `RefreshTokenValidity` in `template.yaml`, where a test compares them.
pub const REFRESHABLE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long what is known of a sign-in that is over is kept: longer than its last refresh token and that one's access token are good.
pub const SESSION_KEPT: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Which refresh token of a sign-in is good. A sign-in whose first one was not used yet has none of this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The number of the token that is good; the first has 0.
    pub generation: u32,
    /// When the one before it was used (milliseconds since the epoch).
    pub rotated_at: i64,
}

/// What the use of a refresh token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It is the one that is good: the next is given for it.
    Current,
    /// It was good a moment ago, and the answer was lost: the present one is given again.
    Again(u32),
    /// It was used before, and not just now: somebody else has it as well.
    Reused,
}

impl Rotation {
    /// What it means that the token of this number is used.
    pub fn used(&self, generation: u32, now: Timestamp) -> Use {
        let since = now.as_millisecond() - self.rotated_at;
        match self.generation.checked_sub(generation) {
            Some(0) => Use::Current,
            Some(1) if i128::from(since) <= GRACE.as_millis() => Use::Again(self.generation),
            _ => Use::Reused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_token_is_good_and_the_one_before_it_for_a_moment() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let third = Rotation {
            generation: 2,
            rotated_at: 1_000,
        };
        assert_eq!(third.used(2, at(i64::from(u32::MAX))), Use::Current);
        assert_eq!(third.used(1, at(1_000)), Use::Again(2));
        assert_eq!(third.used(1, at(11_000)), Use::Again(2));
        assert_eq!(third.used(1, at(11_001)), Use::Reused);
        assert_eq!(third.used(0, at(1_000)), Use::Reused);
        // Nobody but us makes numbers: one from ahead is of a row that was lost.
        assert_eq!(third.used(3, at(1_000)), Use::Reused);
        assert_eq!(Rotation::default().used(0, at(1_000)), Use::Current);
    }

    #[test]
    fn cognitos_refresh_tokens_last_as_long_as_ours() {
        let template = include_str!("../../../template.yaml");
        let days = format!("RefreshTokenValidity: {}\n", REFRESHABLE.as_hours() / 24);
        assert!(template.contains(&days) && template.contains("RefreshToken: days"));
    }
}
