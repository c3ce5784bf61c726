//! Rate limits: how many requests a minute somebody may send, counted roughly and for next to nothing.
//!
//! Each subject (a person, key, machine, device, or the network of a request without credentials) has a quota for each minute of the clock.
//! An execution environment does not count requests in the database: it **leases** a block of them with one conditional write
//! ([`Leases::lease`]) and serves a block's worth from memory ([`Account`]). Its first block is one request, each further one twice the one that
//! was used up before it, up to a second's worth of the quota ([`Policy::block`]). So nobody loses a quota to environments that serve them once (a
//! hundred requests at once start a hundred), and who goes on at full speed costs a write unit a second; a request costs between 1 (somebody who
//! comes once in two minutes) and `1 / block` write units (0.05 for a person at full speed).
//!
//! **What holds.** The blocks leased in one minute never come to more than the quota: the write's condition says so. A block may still be used in
//! the minute after it was leased, or else whoever comes seldom would lose most of each. So in one minute of the clock a subject gets at most
//!
//! ```text
//! quota + min(environments, 60) * (block - 1)
//! ```
//!
//! requests served, and is refused at the earliest when all but so many of the quota are: 1,390 and 1,010 for a person with the quota of 1,200 and
//! ten environments; never twice the quota, however many there are. As with any count by the minute, the end of one and the beginning
//! of the next can both be used up at once. `rate/model.rs` walks it.
//!
//! **When the database fails, requests are served** (a block at a time, so that it is not asked at each). A limit keeps one caller from
//! crowding out others; it guards nothing that a limit must guard alone: guessing passwords is ended by [`crate::lockout`], which
//! refuses in that case, and the authorizer needs the same database to let anybody in at all. Refusing everybody since a count cannot be
//! written would make of a small fault an outage.

mod account;
#[cfg(test)]
mod model;
mod policy;

pub use account::{Account, Standing, Step, Verdict};
pub use policy::{Class, Policies, Policy, PolicyError};

use crate::access::Principal;
use crate::lockout::Network;
use crate::service::ServiceError;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// The time that a quota is for.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// Who sends requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    class: Class,
    name: String,
}

impl Subject {
    /// Somebody or something with credentials.
    pub fn of(principal: &Principal) -> Self {
        let class = match principal {
            Principal::User(_) => Class::Person,
            Principal::ApiKey(_) => Class::Key,
            Principal::Machine(_) => Class::Machine,
            Principal::Device(_) => Class::Device,
        };
        Self {
            class,
            name: principal.to_string(),
        }
    }

    /// Whoever calls from a network, without credentials.
    pub fn network(network: &Network) -> Self {
        Self {
            class: Class::Network,
            name: network.to_string(),
        }
    }

    /// Which of the policies is theirs.
    pub fn class(&self) -> Class {
        self.class
    }
}

impl fmt::Display for Subject {
    /// An id, or a network.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A minute of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window(i64);

impl Window {
    /// The minute that it is.
    pub fn at(now: Timestamp) -> Self {
        Self(now.as_second().div_euclid(WINDOW.as_secs()))
    }

    /// Its first second, since the epoch.
    pub fn start(self) -> i64 {
        self.0 * WINDOW.as_secs()
    }

    /// The first second after it, since the epoch.
    pub fn end(self) -> i64 {
        self.start() + WINDOW.as_secs()
    }

    /// Whether a block leased in this minute may be used in that one.
    fn serves(self, in_window: Self) -> bool {
        (0..=1).contains(&(in_window.0 - self.0))
    }
}

/// Requests of a window's quota that an environment asks for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Of which minute's quota.
    pub window: Window,
    /// How many: at least 1, at most [`Policy::block`].
    pub requests: u32,
}

/// What came of asking for a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leased {
    /// It is leased, or as much of it as was left.
    Granted {
        /// How many requests: at least 1.
        requests: u32,
        /// Requests leased in the window by all environments.
        taken: u32,
    },
    /// Nothing is left of the window's quota.
    UsedUp,
}

/// Where all environments count the blocks that they lease.
pub trait Leases {
    /// Leases a block to this environment, or what is left of the quota: one conditional write, two towards the quota's end.
    fn lease(
        &self,
        subject: &Subject,
        policy: Policy,
        block: Block,
    ) -> impl Future<Output = Result<Leased, ServiceError>> + Send;

    /// Opens what leasing takes (a connection, say) before the first lease; a fault shows then. Nothing, where there is nothing to open.
    fn open(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}
