//! A block with its label, for a file that holds many of them: what a store of items keeps beside the bytes goes before
//! them. The label alone answers statistics, and says where the next one is.

use crate::bytes::Cursor;
use crate::{Acceptance, BlockError, StoredBlock, Summary};

/// The bytes of a label.
pub const LABEL: usize = 104;

const MAGIC: [u8; 4] = *b"MWB1";
/// Where the summary begins, after magic, checksum, length, four zeros and the acceptance.
const SUMMARY_AT: usize = LABEL - Summary::BYTES;

/// What a label says of the block that follows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// What its readings amount to.
    pub summary: Summary,
    /// When they were accepted; of several times the last.
    pub accepted: Acceptance,
    /// How many bytes the block has.
    pub length: usize,
}

impl Label {
    /// Reads the label that these bytes begin with.
    pub fn read(bytes: &[u8]) -> Result<Self, BlockError> {
        let label = Cursor(bytes).take(LABEL)?;
        let (head, rest) = label.split_at_checked(8).ok_or(SHORT)?;
        let (length, rest) = rest.split_at_checked(SUMMARY_AT - 24).ok_or(SHORT)?;
        let (accepted, summary) = rest.split_at_checked(16).ok_or(SHORT)?;
        let checksum = crc32fast::hash(label.get(8..).unwrap_or_default());
        if head.get(..4) != Some(&MAGIC) {
            return Err(BlockError::Corrupt("no block begins there"));
        }
        if head.get(4..) != Some(&checksum.to_le_bytes()) {
            return Err(BlockError::Checksum);
        }
        let length = Cursor(length).word()?;
        Ok(Self {
            summary: Summary::from_bytes(summary)?,
            accepted: Acceptance(accepted.iter().rev().fold(0, |all, byte| all << 8 | u128::from(*byte))),
            length: u32::try_from(length)
                .ok()
                .and_then(|length| usize::try_from(length).ok())
                .ok_or(SHORT)?,
        })
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut rest = (self.length as u64).to_le_bytes().to_vec();
        rest.extend(self.accepted.0.to_le_bytes());
        rest.extend(self.summary.to_bytes());
        [&MAGIC[..], &crc32fast::hash(&rest).to_le_bytes(), &rest].concat()
    }
}

impl StoredBlock {
    /// Appends the block, whose bytes must be here, after its label.
    pub fn seal(&self, out: &mut Vec<u8>) {
        let label = Label {
            summary: self.summary,
            accepted: self.accepted,
            length: self.bytes.len(),
        };
        out.extend(label.to_bytes());
        out.extend_from_slice(&self.bytes);
    }

    /// Takes the labelled block that these bytes begin with; what follows it is left. The block is not opened.
    pub fn unseal(bytes: &mut &[u8]) -> Result<Self, BlockError> {
        let label = Label::read(bytes)?;
        let mut rest = Cursor(bytes);
        rest.take(LABEL)?;
        let block = rest.take(label.length)?.to_vec();
        *bytes = rest.0;
        Ok(Self {
            summary: label.summary,
            accepted: label.accepted,
            bytes: block,
            away: None,
        })
    }
}

const SHORT: BlockError = BlockError::Corrupt("a label is not whole");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reading, Status};

    fn block(time: i64) -> StoredBlock {
        let reading = |n: i64| Reading {
            time: time + n,
            value: n as f64 / 4.0,
            status: Status::Clean,
            id: None,
        };
        StoredBlock::encode(&[0, 1, 2].map(reading), Acceptance(u128::MAX - 7)).unwrap()
    }

    #[test]
    fn a_file_of_blocks_is_read_by_its_labels() {
        let mut file = Vec::new();
        [5, 50].iter().for_each(|time| block(*time).seal(&mut file));
        let first = Label::read(&file).unwrap();
        let second = Label::read(&file[LABEL + first.length..]).unwrap();
        assert_eq!((first.summary.sum, second.summary.first.time), (0.75, 50));
        let mut rest = file.as_slice();
        let blocks = [StoredBlock::unseal(&mut rest), StoredBlock::unseal(&mut rest)];
        assert_eq!((blocks, rest.len()), ([Ok(block(5)), Ok(block(50))], 0));
    }

    #[test]
    fn a_label_that_was_changed_or_cut_is_refused() {
        let mut file = Vec::new();
        block(5).seal(&mut file);
        for at in 0..LABEL {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(Label::read(&changed).is_err(), "byte {at}");
            assert!(StoredBlock::unseal(&mut &file[..at]).is_err(), "{at} bytes");
        }
        assert!(StoredBlock::unseal(&mut &file[..file.len() - 1]).is_err());
    }
}
