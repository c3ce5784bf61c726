//! Projects and the devices in them.

mod watch;

pub use watch::{DeviceState, DeviceStatus, SilentAfter, SilentAfterError, Watch};

use crate::credential::TokenHash;
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
    /// How many devices it has.
    pub devices: u64,
    /// Counts its changes, from 1; the `ETag`.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
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
