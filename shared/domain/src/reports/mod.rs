//! Streamer reports: what a device gathered since its last report, signed, in one of three formats.
//!
//! [`parse`] makes the same [`Report`] of all of them. [`fix_times`] then gives its readings times that the world agrees on, and [`IdIntervals`]
//! tells those already stored from new ones. Where reports are kept, and how they arrive, does not belong here.
//!
//! To add a format: a module with a `parse` that ends in `Report::checked`, its errors in [`ReportError`], its
//! samples in `tests/data/reports`.

pub mod binary;
mod clock;
mod error;
pub mod flexible;
#[cfg(test)]
mod hostile;
mod intervals;
mod json_text;
#[cfg(test)]
mod samples;

pub use clock::{FixedReport, PreviousClock, TimedReading, event_times, fix_times};
pub use error::ReportError;
pub use intervals::{IdIntervals, IntervalsError};
pub use json_text::JsonText;

use crate::reading::ReadingTime;
use crate::task::ReportFormat;
use std::ops::RangeInclusive;

/// Longest report, in bytes: what a request can carry.
pub const MAX_BYTES: usize = 4 << 20;
/// The stream whose readings mark that the device started anew.
pub const REBOOT: u16 = 0x5c00;
/// The selector of streamers that send the device's own streams; only they keep readings of [`REBOOT`].
pub const SYSTEM_SELECTOR: u16 = 0x5fff;
/// A selector without the marks of reboots: times of its reports cannot be told, so they are refused.
const BLIND_SELECTOR: u16 = 0x57ff;
/// A device time that says the device did not know.
const UNKNOWN_TIME: u32 = u32::MAX;
/// Set in a device time that counts from [`EPOCH_2000`] and not from the device's start.
const UTC_BIT: u32 = 1 << 31;
/// 2000-01-01T00:00:00Z in seconds since the Unix epoch.
const EPOCH_2000: i64 = 946_684_800;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A report, whatever format it came in. Its ids lie between its lowest and its highest; nothing is known of its
/// times yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The number burnt into the device.
    pub device: u32,
    /// Which of the device's streamers sent it.
    pub streamer: u16,
    /// Which streams that streamer sends.
    pub selector: u16,
    /// The report's own id, growing from one report of the device to the next.
    pub report_id: u32,
    /// When it was sent, in seconds since the device's start; with bit 31, since 2000.
    pub sent: u32,
    /// The lowest id of a reading or event in it; 0 if none has an id, and maybe if one has none.
    pub lowest: u32,
    /// The highest id of a reading or event in it; 0 if none has an id.
    pub highest: u32,
    /// Its readings, as the device ordered them.
    pub readings: Vec<RawReading>,
    /// Its events; the binary format has none.
    pub events: Vec<Event>,
}

/// A reading as a report has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawReading {
    /// The stream it belongs to.
    pub stream: u16,
    /// Its id within the device; 0 if it has none.
    pub id: u32,
    /// When it was taken.
    pub stamp: Stamp,
    /// The value; finite.
    pub value: f64,
}

/// Something that happened, with as much about it as the device cares to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The stream it belongs to.
    pub stream: u16,
    /// Its id within the device; 0 if it has none.
    pub id: u32,
    /// When it happened.
    pub stamp: Stamp,
    /// Its summary.
    pub extra_data: Option<JsonText>,
    /// Its body, a waveform for instance.
    pub data: Option<JsonText>,
}

/// A device's word on when something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// Seconds since the device's start; less than 2^31.
    Uptime(u32),
    /// A time of the world.
    Utc(ReadingTime),
}

impl Stamp {
    /// What a device time means: seconds since 2000-01-01 UTC with bit 31, since the device's start without; `None`
    /// if all bits are set, which says that the device did not know.
    pub fn of_device_time(time: u32) -> Option<Self> {
        let seconds = EPOCH_2000 + i64::from(time & !UTC_BIT);
        match time {
            UNKNOWN_TIME => None,
            _ if time & UTC_BIT == 0 => Some(Self::Uptime(time)),
            _ => ReadingTime::from_nanos(seconds * NANOS_PER_SECOND).ok().map(Self::Utc),
        }
    }
}

impl Report {
    /// How many things it tells: readings and events.
    pub fn count(&self) -> usize {
        self.readings.len() + self.events.len()
    }

    /// The ids that this report settles, to be added to the streamer's [`IdIntervals`] once its readings are stored.
    ///
    /// Ids are given out for the whole device; those between the lowest and the highest that are not in the report
    /// belong to streams that the streamer does not send. `None` if nothing in it has an id.
    pub fn covered(&self) -> Option<RangeInclusive<u32>> {
        let ids = || self.ids().filter(|id| *id != 0);
        Some(ids().min()?..=ids().max()?)
    }

    /// The ids of its readings and events; 0 where one has none.
    fn ids(&self) -> impl Iterator<Item = u32> {
        let readings = self.readings.iter().map(|reading| reading.id);
        readings.chain(self.events.iter().map(|event| event.id))
    }

    /// Refuses what no format's parser may let through.
    fn checked(self) -> Result<Self, ReportError> {
        if self.selector == BLIND_SELECTOR {
            return Err(ReportError::Selector { found: self.selector });
        }
        // The ids that a report settles are never taken again, so it must not settle ids that it does not reach.
        let (lowest, highest) = (self.lowest, self.highest);
        let (least, greatest) = self.covered().map_or((0, 0), RangeInclusive::into_inner);
        // The devices' library counts a 0 as the lowest id; others may not.
        let with_zero = self.ids().min().unwrap_or(0);
        if highest == greatest && (lowest == least || lowest == with_zero) {
            Ok(self)
        } else {
            Err(ReportError::Ids {
                lowest,
                highest,
                least,
                greatest,
            })
        }
    }
}

/// Reads a report of that format.
pub fn parse(format: ReportFormat, bytes: &[u8]) -> Result<Report, ReportError> {
    match format {
        ReportFormat::Binary => binary::parse(bytes),
        ReportFormat::Json => flexible::parse_json(bytes),
        ReportFormat::Messagepack => flexible::parse_messagepack(bytes),
    }
}

/// Refuses more bytes than a request can carry, before any of them is looked at.
fn bounded(bytes: &[u8]) -> Result<&[u8], ReportError> {
    if bytes.len() > MAX_BYTES {
        Err(ReportError::TooLong { have: bytes.len() })
    } else {
        Ok(bytes)
    }
}
