//! The pages of a column of a Parquet file: what they hold, packed by gzip, behind a header that says so.

use super::thrift::{Struct, varint};
use domain::ServiceError;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// `Encoding`.
pub(super) const PLAIN: i32 = 0;
pub(super) const RLE: i32 = 3;
pub(super) const RLE_DICTIONARY: i32 = 8;
/// `PageType`.
const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;

/// The pages of a column.
#[derive(Default)]
pub(super) struct Pages {
    bytes: Vec<u8>,
    dictionary: usize,
    unpacked: usize,
}

impl Pages {
    /// A column of texts, each told by its place among a few.
    pub(super) fn texts(
        texts: &[&str],
        places: impl Iterator<Item = usize>,
        rows: usize,
    ) -> Result<Self, ServiceError> {
        let mut pages = Self::default();
        let plain = texts.iter().flat_map(|text| {
            let length = u32::try_from(text.len()).unwrap_or_default().to_le_bytes();
            length.into_iter().chain(text.bytes())
        });
        let header = Struct::default().i32(1, small(texts.len())).i32(2, PLAIN);
        pages.page(DICTIONARY_PAGE, &plain.collect::<Vec<_>>(), (7, header))?;
        pages.dictionary = pages.bytes.len();
        // Two bits tell up to four texts.
        let mut data = vec![2];
        data.extend(runs(places));
        pages.page(DATA_PAGE, &data, (5, data_header(rows, RLE_DICTIONARY)))?;
        Ok(pages)
    }

    /// A column of numbers, behind the levels that tell where there are some.
    pub(super) fn plain(levels: &[u8], values: impl Iterator<Item = u8>, rows: usize) -> Result<Self, ServiceError> {
        let mut pages = Self::default();
        let data: Vec<u8> = levels.iter().copied().chain(values).collect();
        pages.page(DATA_PAGE, &data, (5, data_header(rows, PLAIN)))?;
        Ok(pages)
    }

    /// `PageHeader`, and what it is of.
    fn page(&mut self, kind: i32, data: &[u8], (field, header): (u8, Struct)) -> Result<(), ServiceError> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(data).and_then(|()| packed.finish());
        let packed = packed.map_err(|error| ServiceError::Failed(format!("a page of a column: {error}")))?;
        let sizes = Struct::default()
            .i32(1, kind)
            .i32(2, small(data.len()))
            .i32(3, small(packed.len()));
        let header = sizes.r#struct(field, header).finish();
        self.unpacked += header.len() + data.len();
        self.bytes.extend(header);
        self.bytes.extend(packed);
        Ok(())
    }

    /// The bytes of the dictionary page, of all pages, and of all pages before they were packed.
    pub(super) fn sizes(&self) -> (u64, u64, u64) {
        (self.dictionary as u64, self.bytes.len() as u64, self.unpacked as u64)
    }

    /// The pages, one after the other.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// `DataPageHeader`.
fn data_header(rows: usize, encoding: i32) -> Struct {
    Struct::default()
        .i32(1, small(rows))
        .i32(2, encoding)
        .i32(3, RLE)
        .i32(4, RLE)
}

/// Which rows have a value: 1, or 0.
pub(super) fn levels(there: impl Iterator<Item = usize>) -> Vec<u8> {
    let runs = runs(there);
    let mut levels = u32::try_from(runs.len()).unwrap_or_default().to_le_bytes().to_vec();
    levels.extend(runs);
    levels
}

/// Small numbers as runs of the same (Parquet, "Run Length Encoding / Bit-Packing Hybrid": runs alone).
pub(super) fn runs(numbers: impl Iterator<Item = usize>) -> Vec<u8> {
    let (mut runs, mut run) = (Vec::new(), None);
    let mut end = |run: Option<(usize, u64)>| {
        if let Some((number, length)) = run {
            varint(&mut runs, length << 1);
            runs.push(u8::try_from(number).unwrap_or_default());
        }
    };
    for number in numbers {
        run = match run {
            Some((same, length)) if same == number => Some((same, length + 1)),
            over => {
                end(over);
                Some((number, 1))
            }
        };
    }
    end(run);
    runs
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_and_told() {
        assert_eq!(runs([0, 0, 0, 1, 2, 2].into_iter()), [6, 0, 2, 1, 4, 2]);
        assert_eq!(runs(std::iter::repeat_n(1, 200)), [0x90, 3, 1]);
        assert_eq!(levels([1, 1].into_iter()), [2, 0, 0, 0, 4, 1]);
    }
}
