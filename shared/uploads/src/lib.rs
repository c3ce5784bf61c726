//! Uploads: how readings may be written (JSON, one JSON object a line, or InfluxDB's line protocol; plain or compressed), and how many one upload may bring.
//!
//! A crate of its own because of what it does ten thousand times for one request: it is compiled for speed, the functions around it for size.
//! To add a form: an arm in [`Form::of`], a file beside `ndjson.rs`, its media type in the route's description and, where its bytes are
//! not text, among the contract's binary media types.

mod bounds;
mod compressed;
mod finite;
mod json;
mod line_protocol;
mod name;
mod ndjson;

pub use bounds::few_blocks;
pub use json::{NewReading, NewReadings, read_json};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use blocks::{Reading, Status};
use compressed::Coding;
use domain::packed::PackedReadings;
use domain::reading::{ReadingTime, VariableName, VariableNameError};
use http_api::{Body, Kind, Problem, Query};
use line_protocol::Precision;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Most readings in one upload.
pub const MAX_READINGS: usize = 10_000;
/// Most different variables in one upload: each is a block and a note of its own to the worker.
const MAX_VARIABLES: usize = 256;
/// Most mistakes that one answer tells of.
const MOST_TOLD: usize = 10;

/// What somebody sent.
#[derive(Debug, Default, PartialEq)]
pub struct Sent {
    /// The readings of each stream, in the order they were sent.
    streams: BTreeMap<VariableName, Vec<Reading>>,
    /// How many readings that are.
    pub count: usize,
    /// How many values were passed over, since they are texts: no stream keeps those.
    pub skipped: u64,
}

impl Sent {
    /// Adds a reading of a variable.
    fn add(&mut self, variable: &str, (time, value): (ReadingTime, f64)) -> Result<(), VariableNameError> {
        let reading = Reading {
            time: time.nanos(),
            value,
            status: Status::Clean,
            id: None,
        };
        match self.streams.get_mut(variable) {
            Some(readings) => readings.push(reading),
            None => drop(self.streams.insert(VariableName::parse(variable)?, vec![reading])),
        }
        self.count += 1;
        Ok(())
    }

    /// Refuses what is too much for one upload.
    pub fn bounded(&self) -> Result<(), Problem> {
        if self.streams.len() > MAX_VARIABLES {
            let detail = format!("must be of at most 256 different variables, not {}", self.streams.len());
            return Err(Problem::field("/readings", detail));
        }
        let streams = self.streams.values().enumerate();
        few_blocks(streams.flat_map(|(stream, readings)| readings.iter().map(move |reading| (stream, reading))))
            .map_err(|detail| Problem::field("/readings", detail))
    }

    /// The readings as the worker gets them.
    pub fn pack(self) -> Result<Vec<u8>, Problem> {
        let packed = PackedReadings::pack(self.streams).map_err(Problem::internal)?;
        packed.to_bytes().map_err(Problem::internal)
    }
}

/// What the query says of the readings.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Unit {
    /// The unit of the line protocol's times; nanoseconds when left out.
    #[serde(default)]
    #[param(inline)]
    precision: Precision,
}

/// Readings as they were sent. What the body is, its media type, the headers and the query tell.
pub struct Written {
    unit: Unit,
    headers: HeaderMap,
    body: Body,
}

/// What a text is to be read with.
struct Reader {
    /// The unit of the line protocol's times.
    precision: Precision,
    /// The time of what comes without one: that of its acceptance.
    now: ReadingTime,
}

/// How a body is written, once it is not compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Ndjson,
    LineProtocol,
}

impl Form {
    fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/json" => Some(Self::Json),
            "application/x-ndjson" => Some(Self::Ndjson),
            "text/plain" => Some(Self::LineProtocol),
            _ => None,
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Written {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Query(unit) = Query::from_request_parts(&mut parts, state).await?;
        let headers = parts.headers.clone();
        let body = Body::from_request(Request::from_parts(parts, body), state).await?;
        Ok(Self { unit, headers, body })
    }
}

impl Written {
    /// The body as JSON, whatever it was compressed with.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let (media_type, coding) = Coding::of(&self.body.media_type, &self.headers)?;
        let media_type = media_type.to_owned();
        let bytes = coding.undo(self.body.bytes)?;
        Body { media_type, bytes }.json()
    }

    /// Reads them; `now` is the time of those that come without one.
    pub fn read(self, now: ReadingTime) -> Result<Sent, Problem> {
        let Unit { precision } = self.unit;
        let (media_type, coding) = Coding::of(&self.body.media_type, &self.headers)?;
        let form = Form::of(media_type).ok_or_else(not_taken)?;
        let media_type = media_type.to_owned();
        let bytes = coding.undo(self.body.bytes)?;
        match form {
            Form::Json => read_json(&Body { media_type, bytes }),
            Form::Ndjson => ndjson::read(text(&bytes)?),
            Form::LineProtocol => line_protocol::read(text(&bytes)?, &Reader { precision, now }),
        }
    }
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("The body is not UTF-8 from byte {} on.", error.valid_up_to());
        Problem::new(Kind::BadRequest, detail)
    })
}

fn not_taken() -> Problem {
    let detail = "Readings are taken as `application/json`, `application/x-ndjson` or, in InfluxDB's line protocol, `text/plain`; compressed with `content-encoding: gzip` or the ending `+gzip` or `+zstd` of the media type.";
    Problem::new(Kind::MediaType, detail)
}

/// A mistake in a line, counted from 1.
fn mistake(line: usize, detail: &str) -> (String, String) {
    (format!("/{}", line.saturating_sub(1)), format!("line {line}: {detail}"))
}

/// What was sent, or the first of the mistakes in it.
fn without(mistakes: Vec<(String, String)>, sent: Sent) -> Result<Sent, Problem> {
    let mut mistakes = mistakes.into_iter();
    let Some((pointer, detail)) = mistakes.next() else {
        return Ok(sent);
    };
    let first = Problem::field(pointer, detail);
    Err(mistakes.fold(first, |problem, (pointer, detail)| problem.and(pointer, detail)))
}

fn too_many() -> Problem {
    Problem::field("", "must have 1 to 10,000 readings: send it in parts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::CONTENT_ENCODING;
    use std::io::Write;

    /// One reading, in every form.
    const FORMS: [(&str, &str); 3] = [
        (
            "application/json",
            r#"{"readings":[{"variable":"temperature.value","time":"2026-01-02T03:04:05Z","value":21.5}]}"#,
        ),
        (
            "application/x-ndjson",
            "{\"variable\":\"temperature.value\",\"time\":\"2026-01-02T03:04:05Z\",\"value\":21.5}\n",
        ),
        ("text/plain", "temperature value=21.5 1767323045000000000\n"),
    ];

    fn read(media_type: &str, coding: Option<&str>, bytes: Vec<u8>) -> Result<Sent, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        }
        let (media_type, bytes) = (media_type.to_owned(), bytes.into());
        let written = Written {
            unit: Unit {
                precision: Precision::default(),
            },
            headers,
            body: Body { media_type, bytes },
        };
        written.read(ReadingTime::from_nanos(7).unwrap())
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    fn zstd(text: &str) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn every_form_says_the_same_plain_and_compressed() {
        let mut sent = Sent::default();
        let time = ReadingTime::from_nanos(1_767_323_045_000_000_000).unwrap();
        sent.add("temperature.value", (time, 21.5)).unwrap();
        for (media_type, text) in FORMS {
            for (media_type, coding, bytes) in [
                (media_type.to_owned(), None, text.as_bytes().to_vec()),
                (media_type.to_owned(), Some("identity"), text.as_bytes().to_vec()),
                (media_type.to_owned(), Some("gzip"), gzip(text)),
                // API Gateway has undone it and left the header.
                (media_type.to_owned(), Some("gzip"), text.as_bytes().to_vec()),
                (format!("{media_type}+gzip"), None, gzip(text)),
                (format!("{media_type}+zstd"), None, zstd(text)),
                (
                    format!("{media_type}+zstd"),
                    None,
                    [zstd(&text[..9]), zstd(&text[9..])].concat(),
                ),
            ] {
                let found = read(&media_type, coding, bytes);
                assert_eq!(found.unwrap(), sent, "{media_type} {coding:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_kind() {
        let bomb = "0".repeat(17 * 1024 * 1024);
        let cut = |mut bytes: Vec<u8>| {
            bytes.truncate(bytes.len() / 2);
            bytes
        };
        let other_checksum = |mut bytes: Vec<u8>| {
            bytes.iter_mut().rev().take(4).for_each(|byte| *byte ^= 1);
            bytes
        };
        for (media_type, coding, bytes, kind) in [
            ("application/xml", None, vec![], Kind::MediaType),
            ("", None, vec![], Kind::MediaType),
            ("application/json+br", None, vec![], Kind::MediaType),
            ("application/json", Some("br"), vec![], Kind::MediaType),
            ("application/json", Some("gzip, gzip"), vec![], Kind::MediaType),
            (
                "application/x-ndjson+gzip",
                None,
                cut(gzip(FORMS[1].1)),
                Kind::BadRequest,
            ),
            (
                "application/x-ndjson+zstd",
                None,
                cut(zstd(FORMS[1].1)),
                Kind::BadRequest,
            ),
            ("application/x-ndjson+zstd", None, b"plain".to_vec(), Kind::BadRequest),
            (
                "application/x-ndjson+zstd",
                None,
                other_checksum(zstd(FORMS[1].1)),
                Kind::BadRequest,
            ),
            ("application/x-ndjson+gzip", None, gzip(&bomb), Kind::TooLarge),
            ("application/x-ndjson+zstd", None, zstd(&bomb), Kind::TooLarge),
            ("application/x-ndjson", None, b"\xff".to_vec(), Kind::BadRequest),
            ("application/x-ndjson", None, b"{}".to_vec(), Kind::Invalid),
            ("text/plain", None, b"temperature".to_vec(), Kind::Invalid),
        ] {
            let found = read(media_type, coding, bytes).map_err(|problem| problem.kind());
            assert_eq!(found, Err(kind), "{media_type} {coding:?}");
        }
    }

    #[test]
    fn more_than_an_upload_holds_is_not_read_to_its_end() {
        for (media_type, line) in [FORMS[1], FORMS[2]] {
            assert!(read(media_type, None, line.repeat(10_000).into()).is_ok());
            let found = read(media_type, None, line.repeat(10_001).into());
            assert_eq!(found.map_err(|problem| problem.kind()), Err(Kind::Invalid));
        }
    }
}
