//! Why a report was refused. The texts go to whoever sent it and say what to change.

use super::MAX_BYTES;
use crate::reading::ReadingTimeError;

/// Why a report was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// More than [`MAX_BYTES`].
    #[error("the report has {have} bytes; send at most {MAX_BYTES}, in several reports if need be")]
    TooLong {
        /// Its bytes.
        have: usize,
    },
    /// Shorter than a report without readings.
    #[error("the body has {have} bytes, and a binary report at least {need}: send the whole file")]
    TooShort {
        /// The bytes that came.
        have: usize,
        /// The bytes of a report without readings.
        need: usize,
    },
    /// The first byte is not that of a binary report.
    #[error("the body is not a binary streamer report: its first byte is {found:#04x} and should be 0x01")]
    Format {
        /// The first byte.
        found: u8,
    },
    /// The header tells another length than the body has.
    #[error("the header says {header} bytes and the body has {actual}: send the whole file and nothing after it")]
    Length {
        /// What the header says.
        header: usize,
        /// What came.
        actual: usize,
    },
    /// Bytes left over between the readings and the footer.
    #[error("between header and footer are {extra} bytes more than whole readings of 16 bytes")]
    NotWholeReadings {
        /// How many are left over, 1 to 15.
        extra: usize,
    },
    /// Signed in a way that needs a key.
    #[error("the signature flags are {found}: only 0, a plain SHA-256, is taken")]
    SignatureFlags {
        /// The flags.
        found: u8,
    },
    /// The signature is not that of these bytes.
    #[error("the signature does not match the report: it was changed on its way, send the file as the device wrote it")]
    Signature,
    /// A JSON or MessagePack document that is malformed, or not a report.
    #[error("the body is not a {format} streamer report: {reason}")]
    Document {
        /// `JSON` or `MessagePack`.
        format: &'static str,
        /// What is wrong, where known with line and column; of bounded length.
        reason: String,
    },
    /// A JSON or MessagePack report of another version.
    #[error("the report's format is {found:?} and should be \"v100\"")]
    Version {
        /// What it says; of bounded length.
        found: String,
    },
    /// A selector that leaves out the marks of reboots.
    #[error(
        "reports of selector {found:#06x} are not taken, since they leave out reboots: let the streamer use 0xd7ff"
    )]
    Selector {
        /// The selector.
        found: u16,
    },
    /// The lowest and the highest id are not those of what is in it.
    #[error(
        "it says that its ids go from {lowest} to {highest}, and those of its readings and events go from {least} to {greatest} (0 for none): give these as the lowest and the highest"
    )]
    Ids {
        /// The lowest id, as the report says.
        lowest: u32,
        /// The highest id, as the report says.
        highest: u32,
        /// The lowest id of a reading or event in it; 0 for none.
        least: u32,
        /// The highest id of a reading or event in it; 0 for none.
        greatest: u32,
    },
    /// A value that is infinite or not a number.
    #[error("the value of reading {id} is not a finite number")]
    NotFinite {
        /// The id of the reading.
        id: u32,
    },
    /// Neither a timestamp nor a device time.
    #[error("reading or event {id} has no time: give a timestamp, or a device time other than 4294967295")]
    NoTime {
        /// The id of the reading or event.
        id: u32,
    },
    /// A timestamp that is none.
    #[error("the timestamp of reading or event {id} {reason}")]
    Timestamp {
        /// The id of the reading or event.
        id: u32,
        /// What is wrong with it.
        reason: ReadingTimeError,
    },
    /// A time that comes out before 1970 or after 2262.
    #[error("reading {id} comes out before 1970 or after 2262: check received_at and the device's clock")]
    ImpossibleTime {
        /// The id of the reading.
        id: u32,
    },
}
