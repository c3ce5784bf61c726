//! Readings as a Parquet file (Apache Parquet, `parquet.thrift` of format 2.x), one row group after another, so that neither all of them need be in memory nor
//! one process write them all: where a row group's columns lie is kept between two steps, and told in the footer.
//!
//! Columns: `device`, `variable` and `status` as texts by dictionary, `time` in nanoseconds of UTC, `value` as a double, and `id` where the device gave one; a page
//! a row group each, packed by gzip, which every reader knows. Written here, and not by the crate `parquet`: without any feature it brings eleven crates, and
//! has num-traits and with it the AWS SDKs compiled with other features.

use super::pages::{PLAIN, Pages, RLE, RLE_DICTIONARY, levels};
use super::thrift::Struct;
use blocks::{Reading, Status};
use domain::ServiceError;
use serde::{Deserialize, Serialize};

/// What a Parquet file begins and ends with.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// `Type`.
const INT32: i32 = 1;
const INT64: i32 = 2;
const DOUBLE: i32 = 5;
const BYTE_ARRAY: i32 = 6;
/// `CompressionCodec`.
const GZIP: i32 = 2;
/// The statuses there are, as the column's dictionary has them.
const STATUSES: [Status; 3] = [Status::Clean, Status::Dirty, Status::Utc];

/// The columns: name, `Type`, and whether by dictionary.
const COLUMNS: [(&str, i32, bool); 6] = [
    ("device", BYTE_ARRAY, true),
    ("variable", BYTE_ARRAY, true),
    ("time", INT64, false),
    ("value", DOUBLE, false),
    ("status", BYTE_ARRAY, true),
    ("id", INT32, false),
];

/// Where a row group lies, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowGroup {
    place: u64,
    rows: u64,
    /// Of each column the bytes of its dictionary page, of all of it, and of all of it before it was packed.
    sizes: Vec<(u64, u64, u64)>,
    /// The earliest time and the latest.
    times: (i64, i64),
}

impl RowGroup {
    /// The bytes of a row group that is to lie at that place of the file: readings of one stream, one at least, in the order of time.
    pub(super) fn of(
        (device, variable): (&str, &str),
        readings: &[Reading],
        place: u64,
    ) -> Result<(Vec<u8>, Self), ServiceError> {
        let rows = readings.len();
        let status = |reading: &Reading| {
            STATUSES
                .iter()
                .position(|status| *status == reading.status)
                .unwrap_or(0)
        };
        let there = |reading: &Reading| usize::from(reading.id.is_some());
        let ids = readings.iter().filter_map(|reading| reading.id);
        let columns = [
            Pages::texts(&[device], std::iter::repeat_n(0, rows), rows)?,
            Pages::texts(&[variable], std::iter::repeat_n(0, rows), rows)?,
            Pages::plain(
                &[],
                readings.iter().flat_map(|reading| reading.time.to_le_bytes()),
                rows,
            )?,
            Pages::plain(
                &[],
                readings.iter().flat_map(|reading| reading.value.to_le_bytes()),
                rows,
            )?,
            Pages::texts(&STATUSES.map(Status::as_str), readings.iter().map(status), rows)?,
            Pages::plain(
                &levels(readings.iter().map(there)),
                ids.flat_map(u32::to_le_bytes),
                rows,
            )?,
        ];
        let sizes = columns.iter().map(Pages::sizes).collect();
        let ends = (readings.first(), readings.last());
        let times = (ends.0.map_or(0, |first| first.time), ends.1.map_or(0, |last| last.time));
        let group = Self {
            place,
            rows: rows as u64,
            sizes,
            times,
        };
        Ok((columns.map(Pages::into_bytes).concat(), group))
    }

    /// `RowGroup`.
    fn described(&self, ordinal: usize) -> Struct {
        let mut at = self.place;
        let columns = COLUMNS.iter().zip(&self.sizes).map(|(column, sizes)| {
            let begin = at;
            at += sizes.1;
            self.column(*column, *sizes, begin)
        });
        let columns: Vec<_> = columns.collect();
        let total = |size: fn(&(u64, u64, u64)) -> u64| int(self.sizes.iter().map(size).sum());
        let described = Struct::default()
            .structs(1, columns.into_iter())
            .i64(2, total(|sizes| sizes.2))
            .i64(3, int(self.rows))
            .i64(5, int(self.place))
            .i64(6, total(|sizes| sizes.1));
        described.i16(7, i16::try_from(ordinal).unwrap_or(i16::MAX))
    }

    /// `ColumnChunk`.
    fn column(&self, (name, kind, by_dictionary): (&str, i32, bool), sizes: (u64, u64, u64), at: u64) -> Struct {
        let (dictionary, packed, unpacked) = sizes;
        let encodings: &[i32] = if by_dictionary {
            &[PLAIN, RLE, RLE_DICTIONARY]
        } else {
            &[PLAIN, RLE]
        };
        let described = Struct::default()
            .i32(1, kind)
            .i32s(2, encodings)
            .text_list(3, name)
            .i32(4, GZIP)
            .i64(5, int(self.rows))
            .i64(6, int(unpacked))
            .i64(7, int(packed))
            .i64(9, int(at + dictionary));
        let described = match by_dictionary {
            true => described.i64(11, int(at)),
            false => described,
        };
        let described = match name {
            "time" => described.r#struct(12, self.statistics()),
            _ => described,
        };
        Struct::default().i64(2, int(at)).r#struct(3, described)
    }

    /// `Statistics` of the times.
    fn statistics(&self) -> Struct {
        let (least, greatest) = self.times;
        let statistics = Struct::default().i64(3, 0);
        statistics
            .bytes(5, &greatest.to_le_bytes())
            .bytes(6, &least.to_le_bytes())
    }
}

/// What the file ends with.
pub(super) fn footer(groups: &[RowGroup]) -> Vec<u8> {
    let root = Struct::default().bytes(4, b"readings").i32(5, 6);
    let schema: Vec<_> = std::iter::once(root).chain(COLUMNS.iter().map(element)).collect();
    let rows = groups.iter().map(|group| group.rows).sum();
    // The order of `Statistics` is that of the types.
    let order = |_: &(&str, i32, bool)| Struct::default().r#struct(1, Struct::default());
    let mut footer = Struct::default()
        .i32(1, 1)
        .structs(2, schema.into_iter())
        .i64(3, int(rows))
        .structs(4, groups.iter().enumerate().map(|(n, group)| group.described(n)))
        .bytes(6, b"millwright")
        .structs(7, COLUMNS.iter().map(order))
        .finish();
    let length = u32::try_from(footer.len()).unwrap_or(u32::MAX);
    footer.extend(length.to_le_bytes());
    footer.extend(MAGIC);
    footer
}

/// `SchemaElement`.
fn element((name, kind, _): &(&str, i32, bool)) -> Struct {
    let optional = i32::from(*name == "id");
    let element = Struct::default()
        .i32(1, *kind)
        .i32(3, optional)
        .bytes(4, name.as_bytes());
    let nothing = Struct::default;
    match *name {
        "device" | "variable" | "status" => element.i32(6, 0).r#struct(10, nothing().r#struct(1, nothing())),
        "time" => {
            let nanoseconds = nothing().r#struct(3, nothing());
            element.r#struct(
                10,
                nothing().r#struct(8, nothing().bool(1, true).r#struct(2, nanoseconds)),
            )
        }
        "id" => element
            .i32(6, 13)
            .r#struct(10, nothing().r#struct(10, nothing().i8(1, 32).bool(2, false))),
        _ => element,
    }
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
