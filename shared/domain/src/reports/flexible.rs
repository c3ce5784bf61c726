//! The flexible formats, JSON and MessagePack: one document, `"format": "v100"`, with readings in `data` and events
//! in `events`.
//!
//! A reading is `{stream, device_timestamp, streamer_local_id, timestamp, value}`, an event the same with
//! `extra_data` and `data` for `value`. A `timestamp` (RFC 3339; UTC where it names no offset, since that is how the
//! devices' library writes readings) beats the `device_timestamp`, which is 4294967295 where the device did not know.
//! Members that are not named here are ignored.
//!
//! Source: `FlexibleDictionaryReport` of the `iotile-core` Python library.

use super::{Event, JsonText, RawReading, Report, ReportError, Stamp, bounded};
use crate::reading::{ReadingTime, ReadingTimeError};
use rmp_serde::decode::Error as MessagePackError;
use serde::Deserialize;

const VERSION: &str = "v100";
/// Deepest nesting of a MessagePack document; serde_json has a limit of its own, 128.
const MAX_DEPTH: usize = 64;
/// Longest piece of a caller's text that an error repeats, in characters.
const MAX_QUOTE: usize = 200;

#[derive(Deserialize)]
struct Document {
    format: String,
    device: u32,
    streamer_index: u16,
    streamer_selector: u16,
    device_sent_timestamp: u32,
    lowest_id: u32,
    highest_id: u32,
    incremental_id: u32,
    data: Vec<DocumentReading>,
    events: Vec<DocumentEvent>,
}

#[derive(Deserialize)]
struct DocumentReading {
    stream: u16,
    device_timestamp: u32,
    streamer_local_id: u32,
    timestamp: Option<String>,
    value: f64,
}

#[derive(Deserialize)]
struct DocumentEvent {
    stream: u16,
    device_timestamp: u32,
    streamer_local_id: u32,
    timestamp: Option<String>,
    extra_data: Option<JsonText>,
    data: Option<JsonText>,
}

/// Reads a JSON report.
pub fn parse_json(bytes: &[u8]) -> Result<Report, ReportError> {
    let refused = |reason: String| ReportError::Document {
        format: "JSON",
        reason: quote(&reason),
    };
    let bytes = bounded(bytes)?;
    // Serde would take an array for a struct, member by member.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(refused("it is not an object".into()));
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|error| refused(error.to_string()))?;
    document.into_report()
}

/// Reads a MessagePack report.
pub fn parse_messagepack(bytes: &[u8]) -> Result<Report, ReportError> {
    let refused = |reason: String| ReportError::Document {
        format: "MessagePack",
        reason: quote(&reason),
    };
    let bytes = bounded(bytes)?;
    if !matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf)) {
        return Err(refused("it is not a map".into()));
    }
    let mut parser = rmp_serde::Deserializer::from_read_ref(bytes);
    parser.set_max_depth(MAX_DEPTH);
    let document = Document::deserialize(&mut parser).map_err(|error| refused(error.to_string()))?;
    // At the end there is not even the first byte of another value.
    match u8::deserialize(&mut parser) {
        Err(MessagePackError::InvalidMarkerRead(_)) => document.into_report(),
        _ => Err(refused("bytes follow the document".into())),
    }
}

impl Document {
    fn into_report(self) -> Result<Report, ReportError> {
        if self.format != VERSION {
            return Err(ReportError::Version {
                found: quote(&self.format),
            });
        }
        let report = Report {
            device: self.device,
            streamer: self.streamer_index,
            selector: self.streamer_selector,
            report_id: self.incremental_id,
            sent: self.device_sent_timestamp,
            lowest: self.lowest_id,
            highest: self.highest_id,
            readings: self
                .data
                .into_iter()
                .map(DocumentReading::into_reading)
                .collect::<Result<_, _>>()?,
            events: self
                .events
                .into_iter()
                .map(DocumentEvent::into_event)
                .collect::<Result<_, _>>()?,
        };
        report.checked()
    }
}

impl DocumentReading {
    fn into_reading(self) -> Result<RawReading, ReportError> {
        let id = self.streamer_local_id;
        let stamp = stamp(id, self.timestamp.as_deref(), self.device_timestamp)?;
        match self.value.is_finite() {
            true => Ok(RawReading {
                stream: self.stream,
                id,
                stamp,
                value: self.value,
            }),
            false => Err(ReportError::NotFinite { id }),
        }
    }
}

impl DocumentEvent {
    fn into_event(self) -> Result<Event, ReportError> {
        let id = self.streamer_local_id;
        let stamp = stamp(id, self.timestamp.as_deref(), self.device_timestamp)?;
        Ok(Event {
            stream: self.stream,
            id,
            stamp,
            extra_data: self.extra_data,
            data: self.data,
        })
    }
}

fn stamp(id: u32, timestamp: Option<&str>, device_time: u32) -> Result<Stamp, ReportError> {
    let Some(text) = timestamp else {
        return Stamp::of_device_time(device_time).ok_or(ReportError::NoTime { id });
    };
    let time = match ReadingTime::parse(text) {
        Err(ReadingTimeError::Format) => ReadingTime::parse(&format!("{text}Z")),
        told => told,
    };
    time.map(Stamp::Utc)
        .map_err(|reason| ReportError::Timestamp { id, reason })
}

/// As much of a caller's text as an answer should repeat.
fn quote(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
