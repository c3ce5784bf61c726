//! Projects and the devices in them.

mod watch;

pub use watch::{DeviceState, DeviceStatus, SilentAfter, SilentAfterError, Watch};

use crate::credential::{FormerSecret, TokenHash};
use crate::text::Name;
use crate::{DeviceId, ProjectId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A group of devices of one organisation, with a token that its devices present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: Name,
    /// SHA-256 of its token.
    pub token_hash: TokenHash,
    /// The token before the latest rotation.
    #[serde(default)]
    pub former_token: Option<FormerSecret>,
    /// Whether a device that shows the token and that nobody has registered is registered by it.
    #[serde(default)]
    pub self_registration: bool,
    /// How many devices it has.
    pub devices: u64,
    /// How many filters of its own it has.
    #[serde(default)]
    pub filters: u64,
    /// Counts its changes, from 1; the `ETag`.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
}

/// How many devices a project may have and still take one that registers itself: a token that got lost must not fill the table.
pub const SELF_REGISTERED: u64 = 10_000;

impl Project {
    /// Whether that is its token, or the one before while that is still good.
    pub fn opens(&self, sent: &TokenHash, now: Timestamp) -> bool {
        let former = self.former_token.as_ref().is_some_and(|former| former.opens(sent, now));
        sent.matches(&self.token_hash) || former
    }
}

/// A machine that sends readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its name.
    pub name: Name,
    /// The 32-bit number burnt into it, which its reports carry; unique in the organisation.
    pub hardware_id: u32,
    /// Whether anybody expects to hear of it.
    #[serde(default = "switched_on")]
    pub enabled: bool,
    /// For how long it may be silent before it counts as failed.
    #[serde(default)]
    pub silent_after: SilentAfter,
    /// Counts its changes, from 1; the `ETag`.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What devices are that were registered before they could be switched off.
fn switched_on() -> bool {
    true
}
