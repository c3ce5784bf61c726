//! The binary format: a header of 20 bytes, readings of 16, a footer of 24, all little-endian.
//!
//! | part | what |
//! |---|---|
//! | header | u8 format = 1, u24 length of the whole report, u32 device, u32 report id, |
//! | | u32 sent, u8 signature flags, u8 streamer, u16 selector |
//! | reading | u16 stream, u16 reserved, u32 id, u32 device time, u32 value |
//! | footer | u32 lowest id, u32 highest id, the first 16 bytes of the SHA-256 of all before them |
//!
//! Source: `SignedListReport` of the `iotile-core` Python library.

use super::{RawReading, Report, ReportError, Stamp, bounded};
use sha2::{Digest, Sha256};

const FORMAT: u8 = 1;
const HEADER: usize = 20;
const READING: usize = 16;
const FOOTER: usize = 24;
const SIGNATURE: usize = 16;

/// Reads a report and checks its signature.
pub fn parse(bytes: &[u8]) -> Result<Report, ReportError> {
    let (header, body, footer) = envelope(bounded(bytes)?)?;
    let [
        _,
        _,
        _,
        _,
        d0,
        d1,
        d2,
        d3,
        r0,
        r1,
        r2,
        r3,
        s0,
        s1,
        s2,
        s3,
        flags,
        streamer,
        x0,
        x1,
    ] = *header;
    let [l0, l1, l2, l3, h0, h1, h2, h3, signature @ ..] = *footer;
    let (readings, rest) = body.as_chunks::<READING>();
    if !rest.is_empty() {
        return Err(ReportError::NotWholeReadings { extra: rest.len() });
    }
    if flags != 0 {
        return Err(ReportError::SignatureFlags { found: flags });
    }
    check_signature(bytes, &signature)?;
    let report = Report {
        device: u32::from_le_bytes([d0, d1, d2, d3]),
        streamer: u16::from(streamer),
        selector: u16::from_le_bytes([x0, x1]),
        report_id: u32::from_le_bytes([r0, r1, r2, r3]),
        sent: u32::from_le_bytes([s0, s1, s2, s3]),
        lowest: u32::from_le_bytes([l0, l1, l2, l3]),
        highest: u32::from_le_bytes([h0, h1, h2, h3]),
        readings: readings.iter().map(reading).collect::<Result<_, _>>()?,
        events: Vec::new(),
    };
    report.checked()
}

type Parts<'a> = (&'a [u8; HEADER], &'a [u8], &'a [u8; FOOTER]);

/// Cuts a report in three, once its format and its length are what they should be.
fn envelope(bytes: &[u8]) -> Result<Parts<'_>, ReportError> {
    let short = ReportError::TooShort {
        have: bytes.len(),
        need: HEADER + FOOTER,
    };
    match bytes.first() {
        Some(&found) if found != FORMAT => return Err(ReportError::Format { found }),
        _ => {}
    }
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(short);
    };
    let Some((body, footer)) = rest.split_last_chunk::<FOOTER>() else {
        return Err(short);
    };
    let [_, low, middle, high, ..] = *header;
    let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
    if length != bytes.len() {
        return Err(ReportError::Length {
            header: length,
            actual: bytes.len(),
        });
    }
    Ok((header, body, footer))
}

fn check_signature(bytes: &[u8], signature: &[u8; SIGNATURE]) -> Result<(), ReportError> {
    let signed = bytes.get(..bytes.len().saturating_sub(SIGNATURE)).unwrap_or_default();
    if Sha256::digest(signed).starts_with(signature) {
        Ok(())
    } else {
        Err(ReportError::Signature)
    }
}

fn reading(bytes: &[u8; READING]) -> Result<RawReading, ReportError> {
    let [s0, s1, _, _, i0, i1, i2, i3, t0, t1, t2, t3, v0, v1, v2, v3] = *bytes;
    let id = u32::from_le_bytes([i0, i1, i2, i3]);
    let stamp = Stamp::of_device_time(u32::from_le_bytes([t0, t1, t2, t3])).ok_or(ReportError::NoTime { id })?;
    let value = f64::from(u32::from_le_bytes([v0, v1, v2, v3]));
    Ok(RawReading {
        stream: u16::from_le_bytes([s0, s1]),
        id,
        stamp,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    /// `valid_small_16.bin` with a change, signed anew.
    fn resigned(change: impl FnOnce(&mut Vec<u8>)) -> Result<Report, ReportError> {
        let mut bytes = samples::bytes("valid_small_16.bin");
        change(&mut bytes);
        let signed = bytes.len() - SIGNATURE;
        let hash = Sha256::digest(&bytes[..signed]);
        bytes[signed..].copy_from_slice(&hash[..SIGNATURE]);
        parse(&bytes)
    }

    #[test]
    fn each_fault_is_named() {
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16];
        assert_eq!(parse(&jpeg), Err(ReportError::Format { found: 0xff }));
        assert_eq!(parse(&[]), Err(ReportError::TooShort { have: 0, need: 44 }));
        assert_eq!(parse(&[1; 43]), Err(ReportError::TooShort { have: 43, need: 44 }));
        assert_eq!(parse(&vec![1; 5 << 20]), Err(ReportError::TooLong { have: 5 << 20 }));
        assert_eq!(
            resigned(|b| b[1] = 0x2d),
            Err(ReportError::Length {
                header: 301,
                actual: 300
            })
        );
        assert_eq!(
            resigned(|b| b[3] = 1),
            Err(ReportError::Length {
                header: 65_836,
                actual: 300
            })
        );
        let longer = |b: &mut Vec<u8>| {
            b.insert(40, 0);
            b[1] += 1;
        };
        assert_eq!(resigned(longer), Err(ReportError::NotWholeReadings { extra: 1 }));
        assert_eq!(resigned(|b| b[16] = 1), Err(ReportError::SignatureFlags { found: 1 }));
        assert_eq!(resigned(|b| b[19] = 0x57), Err(ReportError::Selector { found: 0x57ff }));
        let claimed = |lowest, highest| {
            let (least, greatest) = (1, 16);
            Err(ReportError::Ids {
                lowest,
                highest,
                least,
                greatest,
            })
        };
        assert_eq!(resigned(|b| b[276] = 17), claimed(17, 16));
        assert_eq!(resigned(|b| b[276] = 2), claimed(2, 16));
        assert_eq!(resigned(|b| b[276] = 0), claimed(0, 16));
        assert_eq!(resigned(|b| b[280..284].fill(0xff)), claimed(1, u32::MAX));
        assert_eq!(resigned(|b| b[28..32].fill(0xff)), Err(ReportError::NoTime { id: 1 }));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = samples::bytes("valid_small_16.bin");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&flipped).is_err(), "bit {bit}");
        }
        assert!((0..bytes.len()).all(|length| parse(&bytes[..length]).is_err()));
    }

    #[test]
    fn the_texts_say_what_to_change() {
        let jpeg = parse(&[0xff, 0xd8]).unwrap_err().to_string();
        assert_eq!(
            jpeg,
            "the body is not a binary streamer report: its first byte is 0xff and should be 0x01"
        );
        let cut = parse(&samples::bytes("truncated_mid_reading.bin"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            cut,
            "the header says 300 bytes and the body has 230: send the whole file and nothing after it"
        );
    }
}
