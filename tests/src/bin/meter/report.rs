//! Streamer reports, as a device would write them (`domain::reports` says the format).

use aws_lc_rs::digest::{SHA256, digest};

/// The streams that a report has readings of.
const STREAMS: [u16; 2] = [0x5001, 0x5002];
/// Every stream of the user's (the selector of `valid_small_16.bin`).
const SELECTOR: u16 = 0xd7ff;

/// The nth report of a device: so many readings, a minute's, of two streams.
pub fn report(device: u32, nth: u32, readings: u32) -> Vec<u8> {
    let (first, size) = (nth * readings + 1, 20 + 16 * readings + 24);
    let mut bytes = vec![1, size.to_le_bytes()[0]];
    bytes.extend(u16::try_from(size >> 8).unwrap_or_default().to_le_bytes());
    for field in [device, nth + 1, 60 * (nth + 1)] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend([0, 0]);
    bytes.extend(SELECTOR.to_le_bytes());
    for n in 0..readings {
        let stream = STREAMS[(n % 2) as usize];
        bytes.extend(u32::from(stream).to_le_bytes());
        for field in [first + n, 60 * nth + n * 60 / readings, 200 + (nth * 7 + n * 3) % 13] {
            bytes.extend(field.to_le_bytes());
        }
    }
    bytes.extend(first.to_le_bytes());
    bytes.extend((first + readings - 1).to_le_bytes());
    let hash = digest(&SHA256, &bytes);
    bytes.extend(&hash.as_ref()[..16]);
    bytes
}
