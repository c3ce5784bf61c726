//! Sessions of devices and machines: short-lived tokens that Millwright signs itself, with keys that are no part of Cognito.
//!
//! # The key
//! Ed25519 (RFC 8032), from a secret in Secrets Manager that only the function which grants sessions can read; the authorizer knows public halves
//! alone ([`PublishedKeys`]), so that who breaks into it can check sessions and grant none. KMS would sign for 0.15 dollars a 10,000: 1,080
//! dollars a month for 100,000 devices that renew every hour, and a call more for each. A secret costs 0.40 dollars a month and is read once a
//! minute and environment.
//!
//! # Rotation
//! A new value of the secret is a new key. Who grants sessions looks every [`KEY_READ_EVERY`], publishes the key's public half before the first
//! session that it signs, and goes on publishing it while it signs. What it signed before stays good until it expires, for the key stays published
//! for [`KEY_GOOD_FOR`] after its last use. Nothing is deployed.
//!
//! # Ending
//! Sessions of a device belong to a series, of the device and of its project ([`Series`]). To end them is to begin another series, which is a row
//! that the authorizer reads with everything else. No clock decides: a session that was granted before, or is just being granted by somebody who
//! did not see the new series, is of the old one.

mod key;
mod published;
mod token;

pub use key::{SessionKey, UnusableSecret};
pub use published::{PublishedKey, PublishedKeys};
pub use token::{Minted, SessionError, Unverified, is_session};

use crate::{DeviceId, MachineId, OrgId, ProjectId, SeriesId};
use jiff::SignedDuration;
use std::fmt;
use std::str::FromStr;

/// How long a session of a device lasts.
pub const DEVICE_SESSION: SignedDuration = SignedDuration::from_hours(1);
/// How long a session of a machine lasts.
pub const MACHINE_SESSION: SignedDuration = SignedDuration::from_mins(15);
/// How long after it was read a key, or a list of published keys, may be worked with: the time within which a rotation is noticed.
pub const KEY_READ_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// How long a key is published for, from the last time that it was. Whoever signs with it sees to it that it outlasts what is signed.
pub const KEY_GOOD_FOR: SignedDuration = SignedDuration::from_hours(3);
/// How long a new series is told: longer than any session of an old one lasts, after which nothing is left that it could end.
pub const SERIES_TOLD: SignedDuration = SignedDuration::from_hours(2);

/// What a session says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Who has it.
    pub holder: Holder,
    /// The one organisation that it reaches.
    pub org: OrgId,
}

/// Who has a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A device.
    Device(DeviceId, Series),
    /// A machine, which is a program with an AWS role.
    Machine(MachineId),
}

/// Which sessions of a device end together: those of a series of the device, and of a series of its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// The project that the device was in.
    pub project: ProjectId,
    /// The device's series; none where none was told when the session was granted.
    pub of_device: Option<SeriesId>,
    /// The project's.
    pub of_project: Option<SeriesId>,
}

impl Series {
    /// Whether its sessions are over, the series being told that are told now. Where none is told, none was begun for longer than a session lasts.
    pub fn is_over(&self, of_device: Option<SeriesId>, of_project: Option<SeriesId>) -> bool {
        let over = |told: Option<SeriesId>, ours| told.is_some() && told != ours;
        over(of_device, self.of_device) || over(of_project, self.of_project)
    }
}

/// `prj_...`, then the series of device and project, with `/` between: how it travels from the authorizer to a function.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |series: Option<SeriesId>| series.map(|series| series.to_string()).unwrap_or_default();
        write!(f, "{}/{}/{}", self.project, text(self.of_device), text(self.of_project))
    }
}

/// Not a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a series of sessions")]
pub struct SeriesError;

impl FromStr for Series {
    type Err = SeriesError;
    fn from_str(text: &str) -> Result<Self, SeriesError> {
        let series = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| SeriesError),
        };
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(project), Some(device), Some(of_project), None) => Ok(Self {
                project: project.parse().map_err(|_| SeriesError)?,
                of_device: series(device)?,
                of_project: series(of_project)?,
            }),
            _ => Err(SeriesError),
        }
    }
}

#[cfg(test)]
mod tests;
