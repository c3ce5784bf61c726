//! Blocks whose bytes lie elsewhere, in a file of many, of which whoever stores them keeps the place.
//!
//! Of such a block its summary and its first [`HEAD`] bytes are at hand: what is told unopened is told as before. What is to be opened is
//! brought here first: [`stretches`] says what to read, [`StoredBlock::bring`] takes it, once the head's checksum holds for it.

use crate::codec::is_whole;
use crate::{BlockError, StoredBlock};

/// The bytes of a block that stay beside its summary: version, flags, count, and the checksum of all.
pub const HEAD: usize = 8;
/// Stretches of a file that are no further apart are read as one: labels of blocks lie between them, or a block that nobody asked for.
const NEAR: u64 = 32 * 1024;
/// Longest stretch that is read at once, but for a block that is longer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Where the bytes of a block lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The file.
    pub file: String,
    /// Where in it the block begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: usize,
}

/// A part of a file that is read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The file.
    pub file: String,
    /// The first byte.
    pub start: u64,
    /// The first byte after it.
    pub end: u64,
}

impl Away {
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.length as u64)
    }
}

impl Stretch {
    /// The bytes of a block, out of those of the stretch; none where it lies elsewhere.
    pub fn cut<'a>(&self, bytes: &'a [u8], away: &Away) -> Option<&'a [u8]> {
        let inside = self.file == away.file && self.start <= away.offset && away.end() <= self.end;
        let from = usize::try_from(away.offset.checked_sub(self.start).filter(|_| inside)?).ok()?;
        bytes.get(from..from.checked_add(away.length)?)
    }
}

impl StoredBlock {
    /// The block once its bytes lie elsewhere.
    #[must_use]
    pub fn sent(&self, away: Away) -> Self {
        Self {
            bytes: self.bytes.get(..HEAD).unwrap_or_default().to_vec(),
            away: Some(away),
            ..*self
        }
    }

    /// How many bytes the block has, wherever they lie.
    pub fn size(&self) -> usize {
        self.away.as_ref().map_or(self.bytes.len(), |away| away.length)
    }

    /// Brings the bytes of a block here. Refused where they are not those that were sent.
    pub fn bring(&mut self, bytes: &[u8]) -> Result<(), BlockError> {
        let Some(away) = &self.away else { return Ok(()) };
        if bytes.len() != away.length || !bytes.starts_with(&self.bytes) || !is_whole(bytes) {
            return Err(BlockError::Checksum);
        }
        (self.bytes, self.away) = (bytes.to_vec(), None);
        Ok(())
    }
}

/// What to read so that these blocks can be brought here: neighbours together, in no more stretches than need be.
pub fn stretches<'a>(blocks: impl IntoIterator<Item = &'a StoredBlock>) -> Vec<Stretch> {
    let mut places: Vec<&Away> = blocks.into_iter().filter_map(|block| block.away.as_ref()).collect();
    places.sort_unstable_by(|a, b| (&a.file, a.offset).cmp(&(&b.file, b.offset)));
    let mut stretches: Vec<Stretch> = Vec::new();
    for away in places {
        let end = away.end();
        let joins = |last: &&mut Stretch| {
            let near = last.file == away.file && away.offset <= last.end.saturating_add(NEAR);
            near && end.saturating_sub(last.start) <= LONGEST
        };
        match stretches.last_mut().filter(joins) {
            Some(last) => last.end = last.end.max(end),
            None => stretches.push(Stretch {
                file: away.file.clone(),
                start: away.offset,
                end,
            }),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Acceptance, Reading, Status};

    fn block(from: i64, count: i64) -> StoredBlock {
        let reading = |n: i64| Reading {
            time: from + n,
            value: (n as f64).sin(),
            status: Status::Clean,
            id: None,
        };
        let readings: Vec<_> = (0..count).map(reading).collect();
        StoredBlock::encode(&readings, Acceptance(7 << 80)).unwrap()
    }

    /// A file of blocks, and the blocks once they are in it.
    fn file(blocks: &[StoredBlock]) -> (Vec<u8>, Vec<StoredBlock>) {
        let mut file = Vec::new();
        let sent = blocks.iter().map(|block| {
            block.seal(&mut file);
            block.sent(Away {
                file: "a".to_owned(),
                offset: (file.len() - block.bytes.len()) as u64,
                length: block.bytes.len(),
            })
        });
        let sent = sent.collect();
        (file, sent)
    }

    #[test]
    fn what_was_sent_is_brought_back_as_it_was() {
        let blocks = [block(0, 50), block(100, 500), block(1_000, 3)];
        let (file, mut sent) = file(&blocks);
        assert_eq!(sent[1].decode(), Err(BlockError::Away));
        assert_eq!((sent[1].size(), sent[1].bytes.len()), (blocks[1].bytes.len(), HEAD));
        assert_eq!(sent[1].has_ids(), blocks[1].has_ids());
        let stretches = stretches(&sent);
        assert_eq!(stretches.len(), 1, "neighbours are read together");
        let bytes = &file[stretches[0].start as usize..stretches[0].end as usize];
        for block in &mut sent {
            let cut = stretches[0].cut(bytes, block.away.as_ref().unwrap()).unwrap();
            block.bring(cut).unwrap();
        }
        assert_eq!(sent, blocks);
    }

    #[test]
    fn what_lies_far_apart_or_in_another_file_is_read_by_itself() {
        let at = |file: &str, offset| {
            block(0, 3).sent(Away {
                file: file.to_owned(),
                offset,
                length: 100,
            })
        };
        let blocks = [at("b", 0), at("a", 2 * LONGEST), at("a", 150), at("a", 0), block(0, 3)];
        let found: Vec<_> = stretches(&blocks)
            .into_iter()
            .map(|stretch| (stretch.file, stretch.start, stretch.end))
            .collect();
        let a = |start, end| ("a".to_owned(), start, end);
        assert_eq!(
            found,
            [a(0, 250), a(2 * LONGEST, 2 * LONGEST + 100), ("b".to_owned(), 0, 100)]
        );
    }

    #[test]
    fn other_bytes_are_not_taken_for_the_block() {
        let (file, sent) = file(&[block(0, 50), block(100, 50)]);
        let away = sent[0].away.clone().unwrap();
        let bytes = &file[away.offset as usize..][..away.length];
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            assert_eq!(sent[0].clone().bring(&changed), Err(BlockError::Checksum), "byte {at}");
        }
        assert_eq!(sent[0].clone().bring(&bytes[1..]), Err(BlockError::Checksum));
        let other = sent[1].away.clone().unwrap();
        let other = &file[other.offset as usize..][..other.length];
        assert_eq!(sent[0].clone().bring(other), Err(BlockError::Checksum));
    }
}
