//! Numbers of few bytes, and bytes that are read once.

use crate::BlockError;

/// Appends a number, seven bits a byte, low ones first; the high bit says that more follow (LEB128).
pub fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Appends a signed number such that small ones of either sign are short: 0, -1, 1, -2 ... as 0, 1, 2, 3 ...
pub fn put_signed(number: i64, out: &mut Vec<u8>) {
    put(((number << 1) ^ (number >> 63)).cast_unsigned(), out);
}

/// Appends bytes after their number.
pub fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Bytes not yet read.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next bytes, this many.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], BlockError> {
        let short = BlockError::Corrupt("something in it is longer than the block");
        let (taken, rest) = self.0.split_at_checked(length).ok_or(short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, BlockError> {
        self.take(1).map(|byte| byte.first().copied().unwrap_or_default())
    }

    /// The next eight bytes, little-endian.
    pub fn word(&mut self) -> Result<u64, BlockError> {
        Ok(self
            .take(8)?
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)))
    }

    /// What [`put`] wrote.
    pub fn number(&mut self) -> Result<u64, BlockError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(BlockError::Corrupt("a number in it has more than 64 bits"))
    }

    /// What [`put`] wrote, as a length or count that must not exceed `most`.
    pub fn at_most(&mut self, most: usize) -> Result<usize, BlockError> {
        let number = usize::try_from(self.number()?).ok();
        number
            .filter(|number| *number <= most)
            .ok_or(BlockError::Corrupt("a count in it exceeds its readings"))
    }

    /// What [`put_signed`] wrote.
    pub fn signed(&mut self) -> Result<i64, BlockError> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// What [`put_bytes`] wrote.
    pub fn bytes(&mut self) -> Result<Self, BlockError> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.take(length).map(Cursor)
    }

    /// Refuses bytes left over.
    pub fn end(&self) -> Result<(), BlockError> {
        match self.0 {
            [] => Ok(()),
            _ => Err(BlockError::Corrupt("a column does not end where it should")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(number: u64, signed: i64, shift in 0..64u32) {
            let (number, signed) = (number >> shift, signed >> shift);
            let mut out = Vec::new();
            put(number, &mut out);
            put_signed(signed, &mut out);
            let mut cursor = Cursor(&out);
            prop_assert_eq!((cursor.number(), cursor.signed(), cursor.end()), (Ok(number), Ok(signed), Ok(())));
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        let most = [&[0xff; 9][..], &[1]].concat();
        assert_eq!(Cursor(&most).number(), Ok(u64::MAX));
        for wrong in [[&[0xff; 9][..], &[2]].concat(), vec![0x80; 10], vec![0x80]] {
            assert!(Cursor(&wrong).number().is_err());
        }
    }
}
