//! A file that a reader of one's own takes apart: the pages lie where the footer says, and hold what was written. (A file of
//! `MILLWRIGHT_PARQUET_SAMPLE` is for readers of others.)

use super::*;
use flate2::read::GzDecoder;
use std::io::Read;

fn readings(from: u32, count: u32) -> Vec<Reading> {
    let reading = |n: u32| Reading {
        time: 1_767_323_045_000_000_007 + i64::from(n) * 10_000_000_000,
        value: f64::from(n % 500) / 10.0,
        status: STATUSES[n as usize % 3],
        id: n.is_multiple_of(2).then_some(u32::MAX - n),
    };
    (from..from + count).map(reading).collect()
}

const DEVICE: &str = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

/// A file of several steps: each begins with what the one before has told of its row groups, as JSON.
fn file(parts: &[(&str, Vec<Reading>)]) -> (Vec<u8>, Vec<RowGroup>) {
    let (mut file, mut told) = (MAGIC.to_vec(), "[]".to_owned());
    for (variable, rows) in parts {
        let mut groups: Vec<RowGroup> = serde_json::from_str(&told).unwrap();
        let (bytes, group) = RowGroup::of((DEVICE, variable), rows, file.len() as u64).unwrap();
        file.extend(bytes);
        groups.push(group);
        told = serde_json::to_string(&groups).unwrap();
    }
    let groups: Vec<RowGroup> = serde_json::from_str(&told).unwrap();
    file.extend(footer(&groups));
    (file, groups)
}

/// The last page of a column, unpacked.
fn page(file: &[u8], group: &RowGroup, column: usize) -> Vec<u8> {
    let before: u64 = group.sizes[..column].iter().map(|sizes| sizes.1).sum();
    let (dictionary, packed, _) = group.sizes[column];
    let begin = usize::try_from(group.place + before + dictionary).unwrap();
    let end = usize::try_from(group.place + before + packed).unwrap();
    let at = file[begin..end]
        .windows(3)
        .position(|bytes| bytes == [0x1f, 0x8b, 8])
        .unwrap();
    let mut data = Vec::new();
    GzDecoder::new(&file[begin + at..end]).read_to_end(&mut data).unwrap();
    data
}

#[test]
fn pages_lie_where_the_row_groups_say_and_hold_what_was_written() {
    let parts = [
        ("a", readings(0, 3_000)),
        ("a", readings(3_000, 1)),
        ("b.c", readings(0, 1_025)),
    ];
    let (file, groups) = file(&parts);
    if let Ok(path) = std::env::var("MILLWRIGHT_PARQUET_SAMPLE") {
        std::fs::write(path, &file).unwrap();
    }
    assert!(file.starts_with(MAGIC) && file.ends_with(MAGIC));
    for ((_, rows), group) in parts.iter().zip(&groups) {
        let times: Vec<u8> = rows.iter().flat_map(|row| row.time.to_le_bytes()).collect();
        assert_eq!(page(&file, group, 2), times);
        let values: Vec<u8> = rows.iter().flat_map(|row| row.value.to_le_bytes()).collect();
        assert_eq!(page(&file, group, 3), values);
        assert_eq!(page(&file, group, 0)[0], 2, "bits of a place in the dictionary");
        let ids: Vec<u8> = rows
            .iter()
            .filter_map(|row| row.id)
            .flat_map(u32::to_le_bytes)
            .collect();
        assert!(page(&file, group, 5).ends_with(&ids));
    }
    let all: u64 = groups.iter().flat_map(|group| &group.sizes).map(|sizes| sizes.1).sum();
    let length = file.len() - MAGIC.len() - footer(&groups).len();
    assert_eq!(all, length as u64);
}

#[test]
fn a_row_group_takes_a_few_bytes_a_reading_and_little_to_tell() {
    let (bytes, group) = RowGroup::of((DEVICE, "temperature"), &readings(0, 100_000), 4).unwrap();
    assert!(bytes.len() < 1_000_000, "{}", bytes.len());
    assert!(serde_json::to_string(&group).unwrap().len() < 250);
}
