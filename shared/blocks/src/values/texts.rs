//! Texts: those that differ, in the order in which they first come, and the place of each.

use super::steps;
use crate::bytes::{Cursor, put, put_bytes};
use crate::{BlockError, ints};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::collections::HashMap;
use std::sync::Arc;

/// Most bytes that the different texts of one block have together: what an item of a store has room for.
pub const MAX_TEXT: usize = 256 << 10;

/// The bytes of the texts as they are.
const PLAIN: u8 = 0;
/// The same by DEFLATE.
const DEFLATED: u8 = 1;

/// Appends a column of at least one text.
pub fn write(texts: &[Arc<str>], out: &mut Vec<u8>) -> Result<(), BlockError> {
    let (mut places, mut all) = (HashMap::new(), String::new());
    let mut lengths: Vec<i64> = Vec::new();
    let mut column = Vec::with_capacity(texts.len());
    for text in texts {
        let next = places.len() as i64;
        let place = *places.entry(text.as_ref()).or_insert(next);
        if place == next {
            lengths.push(text.len() as i64);
            all.push_str(text);
        }
        column.push(place);
    }
    if all.len() > MAX_TEXT {
        return Err(BlockError::TooMuchText { found: all.len() });
    }
    put(lengths.len() as u64, out);
    let mut length_bytes = Vec::new();
    ints::write(&lengths, &mut length_bytes)?;
    put_bytes(&length_bytes, out);
    let deflated = deflate(all.as_bytes()).filter(|deflated| deflated.len() < all.len());
    out.push(if deflated.is_some() { DEFLATED } else { PLAIN });
    put_bytes(deflated.as_deref().unwrap_or(all.as_bytes()), out);
    steps::write(&column, out)
}

/// Reads a column of `count` texts, to the end of these bytes.
pub fn read(mut bytes: Cursor<'_>, count: usize) -> Result<Vec<Arc<str>>, BlockError> {
    let different = bytes.at_most(count)?;
    if different == 0 {
        return Err(WRONG);
    }
    let lengths = ints::read(bytes.bytes()?, different)?;
    let length = |length: i64| {
        usize::try_from(length)
            .ok()
            .filter(|length| *length <= MAX_TEXT)
            .ok_or(WRONG)
    };
    let lengths: Vec<usize> = lengths.into_iter().map(length).collect::<Result<_, _>>()?;
    let total: usize = lengths.iter().sum();
    if total > MAX_TEXT {
        return Err(WRONG);
    }
    let kind = bytes.byte()?;
    let all = bytes.bytes()?.0;
    let all = match kind {
        PLAIN => all.to_vec(),
        DEFLATED => inflate(all, total)?,
        _ => return Err(WRONG),
    };
    let texts = cut(&all, &lengths)?;
    let text = |place: i64| {
        usize::try_from(place)
            .ok()
            .and_then(|place| texts.get(place))
            .cloned()
            .ok_or(WRONG)
    };
    steps::read(bytes, count)?.into_iter().map(text).collect()
}

/// The texts one after another, of exactly these bytes.
fn cut(all: &[u8], lengths: &[usize]) -> Result<Vec<Arc<str>>, BlockError> {
    let mut rest = Cursor(all);
    let text = |length: &usize| {
        std::str::from_utf8(rest.take(*length)?)
            .map(Arc::from)
            .map_err(|_| WRONG)
    };
    let texts = lengths.iter().map(text).collect::<Result<_, _>>()?;
    rest.end()?;
    Ok(texts)
}

fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    // What does not fit into as many bytes is not worth it.
    let status = Compress::new(Compression::best(), false).compress_vec(bytes, &mut out, FlushCompress::Finish);
    matches!(status, Ok(Status::StreamEnd)).then_some(out)
}

/// Exactly so many bytes.
fn inflate(bytes: &[u8], length: usize) -> Result<Vec<u8>, BlockError> {
    let mut out = Vec::with_capacity(length);
    let mut inflater = Decompress::new(false);
    let status = inflater.decompress_vec(bytes, &mut out, FlushDecompress::Finish);
    let whole = usize::try_from(inflater.total_in()) == Ok(bytes.len()) && out.len() == length;
    match status {
        Ok(Status::StreamEnd) if whole => Ok(out),
        _ => Err(WRONG),
    }
}

const WRONG: BlockError = BlockError::Corrupt("its texts do not fit together");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(texts: &[Arc<str>]) -> (usize, Result<Vec<Arc<str>>, BlockError>) {
        let mut out = Vec::new();
        write(texts, &mut out).unwrap();
        (out.len(), read(Cursor(&out), texts.len()))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn texts_come_back(texts in proptest::collection::vec(".{0,12}|running|stopped", 1..100)) {
            let texts: Vec<Arc<str>> = texts.into_iter().map(Arc::from).collect();
            prop_assert_eq!(back(&texts).1, Ok(texts));
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(Cursor(&bytes), 3);
        }
    }

    #[test]
    fn states_cost_next_to_nothing_and_messages_are_deflated() {
        let states: Vec<_> = (0..5_000)
            .map(|n| Arc::from(["idle", "running"][n / 500 % 2]))
            .collect();
        let (length, texts) = back(&states);
        assert!(length < 60 && texts == Ok(states), "{length}");
        let messages: Vec<_> = (0..1_000)
            .map(|n| Arc::from(format!("spindle {n} has stopped unexpectedly")))
            .collect();
        let (length, texts) = back(&messages);
        assert!(length < 10_000 && texts == Ok(messages), "{length}");
    }

    #[test]
    fn too_much_text_is_refused() {
        let texts = [Arc::from(" ".repeat(MAX_TEXT)), Arc::from("x")];
        let found = MAX_TEXT + 1;
        assert_eq!(write(&texts, &mut Vec::new()), Err(BlockError::TooMuchText { found }));
        assert_eq!(back(&texts[..1]).1, Ok(texts[..1].to_vec()));
    }
}
