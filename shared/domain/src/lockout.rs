//! Lock-out: how many passwords may be tried for one address, and how long to wait then. An account of the tries, without a clock or a database.
//!
//! A try is reserved before anybody looks at the password, and counts as wrong until it is known to be right: so a hundred tries at one time
//! get no further than a hundred in a row. It is counted twice, since either count alone has a hole:
//!
//! - **Per network**: [`FREE_TRIES`], then waits that double from [`FIRST_WAIT`] to [`LONGEST_WAIT`]. One network alone locks nobody else out:
//!   in a day it comes to 34 tries, fewer than the ceiling.
//! - **Per address, over all networks**: [`CEILING`] a day, so that guessing from many networks ends as well; and the waits that Cognito itself
//!   imposes, reckoned as it does, so that the caller is told of them whether there is such an account or not.
//!
//! A right password forgives the tries of its network, and of no other: whoever guesses elsewhere gains nothing by it. Where a second factor is
//! asked for, the password alone forgives nothing: it counts as wrong until the code is right too, and each code is a try of its own. So whoever
//! knows the password gets no more codes to try than anybody gets passwords.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// Tries from one network before it has to wait.
pub const FREE_TRIES: u32 = 5;
/// The wait after the last free try; it doubles with each further one.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The longest wait of a network.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Tries at one address in a day, from all networks together: half of what NIST SP 800-63B section 5.2.2 allows in a row.
pub const CEILING: u32 = 50;
/// The time that the ceiling is counted in, and after which a network's tries are forgotten.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long after a right password the wrong ones before it still count: as long as tries that began together may take to end.
const FORGIVEN_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Cognito's longest wait, and the quiet after which it counts anew (Amazon Cognito Developer Guide, "Lockout behavior for failed sign-in attempts").
const COGNITO_FORGETS: SignedDuration = SignedDuration::from_mins(15);

/// Where a try comes from: the /24 of an IPv4 address, the /48 of an IPv6 one (what one site is given, RFC 6177 section 2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Network(String);

/// The tries at one address that still count. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Counts the row's writes: each is made over the one before.
    pub revision: u64,
    /// Tries since `since`, from all networks.
    total: u32,
    since: i64,
    /// What Cognito has counted in a row, and the last of it.
    streak: u32,
    last: i64,
    networks: BTreeMap<Network, Tries>,
    /// Whether the owner of the address was told, since `since`.
    told: bool,
    /// When the row goes by itself.
    pub expires_at: i64,
}

/// The tries from one network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    count: u32,
    last: i64,
    /// When one of them turned out right, while there were others.
    #[serde(default)]
    right: Option<i64>,
}

/// A try that may be made, with what is to be stored before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// The tries with this one.
    pub attempts: Attempts,
    /// Whether the owner of the address is to be told, should it turn out wrong.
    pub tell: bool,
}

/// No try may be made before this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self(format!("{a}.{b}.{c}.0/24"))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Self(format!("{a:x}:{b:x}:{c:x}::/48"))
            }
        }
    }

    /// The one network of all whose address is not known.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Attempts {
    fn none(now: Timestamp) -> Self {
        Self {
            // Not 0: a row that went and came again is another one.
            revision: u64::try_from(now.as_millisecond()).unwrap_or(0),
            total: 0,
            since: now.as_second(),
            streak: 0,
            last: 0,
            networks: BTreeMap::new(),
            told: false,
            expires_at: 0,
        }
    }

    /// Reserves a try from a network, given those that were stored, or says how long to wait.
    pub fn reserve(stored: Option<Self>, network: &Network, now: Timestamp) -> Result<Reserved, Wait> {
        let mut attempts = stored.unwrap_or_else(|| Self::none(now));
        attempts.forget(now.as_second());
        let until = attempts.until(network);
        if until > now.as_second() {
            let wait = u64::try_from(until - now.as_second()).unwrap_or(1);
            return Err(Wait(Duration::from_secs(wait)));
        }
        Ok(attempts.with_try(network, now.as_second()))
    }

    /// What is to be stored once a sign-in of `own` tries (a password, with a second factor a code as well) turned out right; nothing where
    /// nothing is left to remember.
    pub fn right(mut self, network: &Network, own: u32, now: Timestamp) -> Option<Self> {
        self.streak = 0;
        self.told = false;
        if let Some(tries) = self.networks.get_mut(network).filter(|tries| tries.count > own) {
            // Others of this network failed before or are on their way: forgiven once those have ended.
            tries.right = Some(now.as_second());
            return self.stored(now.as_second());
        }
        for _ in 0..own {
            self.take_back(network);
        }
        self.stored(now.as_second())
    }

    /// What is to be stored once a try came to nothing: Cognito did not answer.
    pub fn given_back(mut self, network: &Network, now: Timestamp) -> Option<Self> {
        self.streak = self.streak.saturating_sub(1);
        self.take_back(network);
        self.stored(now.as_second())
    }

    /// How long Cognito itself makes wait by now.
    pub fn cognito_wait(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.cognito_seconds()).unwrap_or(1).max(1))
    }

    /// Drops what counts no longer.
    fn forget(&mut self, now: i64) {
        if now - self.since >= DAY.as_secs() {
            (self.total, self.since, self.told) = (0, now, false);
        }
        if now - self.last > COGNITO_FORGETS.as_secs() {
            self.streak = 0;
        }
        let forgiven = |right: i64| now - right >= FORGIVEN_AFTER.as_secs();
        let total = &mut self.total;
        self.networks.retain(|_, tries| {
            let right = tries.right.is_some_and(forgiven);
            if right {
                *total = total.saturating_sub(tries.count);
            }
            !right && now - tries.last < DAY.as_secs()
        });
    }

    /// The second from which on this network may try.
    fn until(&self, network: &Network) -> i64 {
        let tries = self.networks.get(network);
        let network = tries.map_or(0, |tries| match tries.count.checked_sub(FREE_TRIES) {
            None => 0,
            Some(further) => tries.last + doubled(FIRST_WAIT, further, LONGEST_WAIT),
        });
        let address = match self.total >= CEILING {
            true => self.since + DAY.as_secs(),
            false => self.last + self.cognito_seconds(),
        };
        network.max(address)
    }

    fn cognito_seconds(&self) -> i64 {
        let further = self.streak.checked_sub(FREE_TRIES);
        further.map_or(0, |further| {
            doubled(SignedDuration::from_secs(1), further, COGNITO_FORGETS)
        })
    }

    fn with_try(mut self, network: &Network, now: i64) -> Reserved {
        let tries = self.networks.entry(network.clone()).or_default();
        tries.count += 1;
        tries.last = now;
        let locked = tries.count >= FREE_TRIES || self.total + 1 >= CEILING;
        let tell = locked && !self.told;
        self.told |= tell;
        self.total += 1;
        self.streak += 1;
        self.last = now;
        self.renew(now);
        Reserved { attempts: self, tell }
    }

    fn take_back(&mut self, network: &Network) {
        if let Some(tries) = self.networks.get_mut(network) {
            tries.count = tries.count.saturating_sub(1);
            self.total = self.total.saturating_sub(1);
        }
        self.networks.retain(|_, tries| tries.count > 0);
    }

    fn renew(&mut self, now: i64) {
        self.revision += 1;
        self.expires_at = now + DAY.as_secs();
    }

    fn stored(mut self, now: i64) -> Option<Self> {
        self.renew(now);
        Some(self).filter(|attempts| !attempts.networks.is_empty())
    }
}

/// `first`, doubled so many times, up to `longest`; in seconds.
fn doubled(first: SignedDuration, times: u32, longest: SignedDuration) -> i64 {
    let factor = 1_i64.checked_shl(times.min(32)).unwrap_or(i64::MAX);
    first.as_secs().saturating_mul(factor).min(longest.as_secs())
}

#[cfg(test)]
mod tests;
