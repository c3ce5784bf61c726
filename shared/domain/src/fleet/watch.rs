//! Whether a device does its work: judged by when it was last heard of, never by whether it answers, since nobody asks it.

use super::Device;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How a device fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Switched off: nobody expects to hear of it.
    Disabled,
    /// Never heard of.
    Unknown,
    /// Heard of within its period.
    Ok,
    /// Not heard of for longer than its period.
    Failed,
}

impl DeviceState {
    /// Whether people are told of the change to `next`: a device falls silent, or is heard of again. Its first sign of life is expected,
    /// and of what somebody switched they know.
    pub fn is_news(self, next: Self) -> bool {
        matches!((self, next), (Self::Ok, Self::Failed) | (Self::Failed, Self::Ok))
    }
}

/// For how many seconds a device may be silent: 60 to 2,592,000 (30 days), 7,200 unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32", into = "u32")]
#[schema(value_type = u32, minimum = 60, maximum = 2_592_000, default = 7_200)]
pub struct SilentAfter(u32);

/// A number of seconds that is no such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number of seconds from 60 to 2,592,000 (30 days)")]
pub struct SilentAfterError;

impl SilentAfter {
    /// The shortest period: what arrives by way of queues may be a minute late.
    pub const LEAST: u32 = 60;
    /// The longest period, 30 days.
    pub const MOST: u32 = 30 * 24 * 3600;

    /// The period.
    pub fn period(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }

    /// After a sign of life has been noted, for how long none need be noted again: five minutes, or a quarter of the period where
    /// that is less, so that a device which is heard of every three quarters of its period is never taken for silent.
    pub fn rest(self) -> SignedDuration {
        (self.period() / 4).min(SignedDuration::from_mins(5))
    }
}

impl Default for SilentAfter {
    fn default() -> Self {
        Self(7_200)
    }
}

impl TryFrom<u32> for SilentAfter {
    type Error = SilentAfterError;
    fn try_from(seconds: u32) -> Result<Self, SilentAfterError> {
        (Self::LEAST..=Self::MOST)
            .contains(&seconds)
            .then_some(Self(seconds))
            .ok_or(SilentAfterError)
    }
}

impl From<SilentAfter> for u32 {
    fn from(period: SilentAfter) -> Self {
        period.0
    }
}

/// All that a device's state follows from. Times are whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Whether it is switched on.
    pub enabled: bool,
    /// For how long it may be silent.
    pub silent_after: SilentAfter,
    /// When it was registered, or last switched on or off.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub begun: Timestamp,
    /// When an upload of it was last accepted, at most [`SilentAfter::rest`] before the truth.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::optional", default)]
    pub seen: Option<Timestamp>,
    /// When it was first heard of since a check last found it silent.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::optional", default)]
    pub resumed: Option<Timestamp>,
}

/// A device's state, with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeviceStatus {
    /// How it fares.
    pub state: DeviceState,
    /// When an upload of it was last accepted: up to five minutes, or a quarter of `silent_after` where that is less, before the truth.
    pub last_seen: Option<Timestamp>,
    /// Since when it is in that state.
    pub since: Timestamp,
}

impl Watch {
    /// The watch that begins with the device.
    pub fn of(device: &Device) -> Self {
        Self::new(device.enabled, device.silent_after, device.created_at)
    }

    fn new(enabled: bool, silent_after: SilentAfter, begun: Timestamp) -> Self {
        Self {
            enabled,
            silent_after,
            begun: whole_milliseconds(begun),
            seen: None,
            resumed: None,
        }
    }

    /// The watch under the device's settings. To switch a device on or off begins its watch anew; what was heard of it stays known.
    #[must_use]
    pub fn set(self, device: &Device, now: Timestamp) -> Self {
        let begun = if device.enabled == self.enabled {
            self.begun
        } else {
            whole_milliseconds(now)
        };
        Self {
            enabled: device.enabled,
            silent_after: device.silent_after,
            begun,
            ..self
        }
    }

    /// How the device fares at that time. A period that is just over is not yet exceeded.
    pub fn state(&self, now: Timestamp) -> DeviceState {
        match self.seen {
            _ if !self.enabled => DeviceState::Disabled,
            None => DeviceState::Unknown,
            Some(seen) if now.duration_since(seen) <= self.silent_after.period() => DeviceState::Ok,
            Some(_) => DeviceState::Failed,
        }
    }

    /// The state at that time, when it was last seen and since when it is so.
    pub fn status(&self, now: Timestamp) -> DeviceStatus {
        let state = self.state(now);
        let onset = match state {
            DeviceState::Disabled | DeviceState::Unknown => None,
            DeviceState::Ok => self.resumed.or(self.seen),
            DeviceState::Failed => self.silent_since(),
        };
        DeviceStatus {
            state,
            last_seen: self.seen,
            since: onset.map_or(self.begun, |onset| onset.max(self.begun)),
        }
    }

    /// Until when no further sign of life need be noted.
    pub fn rests_until(&self) -> Option<Timestamp> {
        self.seen.map(|seen| later(seen, self.silent_after.rest()))
    }

    fn silent_since(&self) -> Option<Timestamp> {
        self.seen.map(|seen| later(seen, self.silent_after.period()))
    }
}

/// Time does not go on after the year 9999.
fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests;
