//! Compressed bodies.
//!
//! API Gateway rejects content codings that it does not know (AWS "Enable payload compression for an API"), so zstd is told by the
//! ending of the media type (RFC 8878, as `+gzip` by RFC 8460). It may also have undone gzip and left the header, so gzip is undone where
//! its bytes begin as those of gzip do (RFC 1952 section 2.3.1).

use super::not_taken;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use flate2::bufread::MultiGzDecoder;
use http_api::{Kind, Problem};
use ruzstd::decoding::StreamingDecoder;
use std::io::Read;

/// Most bytes that a body may come to, 16 MiB: ten thousand readings with long names, and a fraction of the function's memory.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most of an earlier part that a zstd body may refer to: what RFC 8878 section 3.1.1.1.2 recommends every decoder to take.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    /// Gzip, for certain.
    Gzip,
    /// Gzip, unless somebody on the way has undone it.
    GzipOrPlain,
    Zstd,
}

impl Coding {
    /// The media type without its ending, and how the body is compressed. One coding at most.
    pub(super) fn of<'a>(media_type: &'a str, headers: &HeaderMap) -> Result<(&'a str, Self), Problem> {
        let (inner, by_ending) = match media_type.rsplit_once('+') {
            Some((inner, "gzip")) => (inner, Self::Gzip),
            Some((inner, "zstd")) => (inner, Self::Zstd),
            _ => (media_type, Self::Plain),
        };
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let by_header = match codings.next().map(|coding| coding.as_bytes().to_ascii_lowercase()) {
            None => Self::Plain,
            Some(coding) if coding == b"identity" => Self::Plain,
            Some(coding) if coding == b"gzip" => Self::GzipOrPlain,
            Some(_) => return Err(not_taken()),
        };
        match (by_ending, by_header) {
            _ if codings.next().is_some() => Err(not_taken()),
            (coding, Self::Plain) | (Self::Plain, coding) => Ok((inner, coding)),
            _ => Err(not_taken()),
        }
    }

    /// The body as it was before it was compressed.
    pub(super) fn undo(self, bytes: Bytes) -> Result<Bytes, Problem> {
        let mut plain = Vec::new();
        match self {
            Self::Gzip => append(MultiGzDecoder::new(&*bytes), &mut plain)?,
            Self::GzipOrPlain if bytes.starts_with(GZIP_MAGIC) => append(MultiGzDecoder::new(&*bytes), &mut plain)?,
            Self::Zstd => frames(&bytes, &mut plain)?,
            Self::Plain | Self::GzipOrPlain => return Ok(bytes),
        }
        Ok(plain.into())
    }
}

/// Frame after frame (RFC 8878 section 3).
fn frames(mut bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), Problem> {
    while !bytes.is_empty() {
        let mut frame = StreamingDecoder::new_with_max_window_size(&mut bytes, MAX_WINDOW).map_err(damaged)?;
        append(&mut frame, plain)?;
        let told = frame.decoder.get_checksum_from_data();
        if told.is_some() && told != frame.decoder.get_calculated_checksum() {
            return Err(damaged("its checksum is another"));
        }
    }
    Ok(())
}

fn append(from: impl Read, plain: &mut Vec<u8>) -> Result<(), Problem> {
    // One more than may be, to tell a body that fits from one that was cut.
    let room = MAX_BYTES.saturating_sub(plain.len()) + 1;
    let mut from = from.take(u64::try_from(room).unwrap_or(u64::MAX));
    from.read_to_end(plain).map_err(damaged)?;
    match plain.len() > MAX_BYTES {
        true => Err(too_large()),
        false => Ok(()),
    }
}

fn too_large() -> Problem {
    let detail = "The body comes to more than 16 MiB (16,777,216 bytes): send it in parts.";
    Problem::new(Kind::TooLarge, detail)
}

fn damaged(error: impl std::fmt::Display) -> Problem {
    let detail = format!("The body cannot be decompressed ({error}): send it again.");
    Problem::new(Kind::BadRequest, detail)
}
