//! Readings on their way from the function that takes them in to the worker that stores them: blocks already, so that ten thousand
//! readings fit into one message.

use crate::reading::VariableName;
use blocks::{BlockError, Reading};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;

/// One upload's readings as blocks, stream by stream. Both sides of the queue are one deployment apart at most, so the form may change
/// as long as the worker reads the one before too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedReadings(Vec<(VariableName, Vec<Bytes>)>);

/// Bytes that are no packed readings.
#[derive(Debug, thiserror::Error)]
#[error("the bytes are no packed readings: {0}")]
pub struct UnpackError(String);

impl PackedReadings {
    /// Packs the readings of streams, each in the order they were sent: of several with one identity the last stays.
    pub fn pack(streams: BTreeMap<VariableName, Vec<Reading>>) -> Result<Self, BlockError> {
        let packed = streams
            .into_iter()
            .map(|(variable, readings)| Ok((variable, encode(readings)?)));
        packed.collect::<Result<_, BlockError>>().map(Self)
    }

    /// The streams with the bytes of their blocks, both in an order that the readings alone decide.
    pub fn into_streams(self) -> impl Iterator<Item = (VariableName, Vec<Vec<u8>>)> {
        let bytes = |blocks: Vec<Bytes>| blocks.into_iter().map(|block| block.0).collect();
        self.0
            .into_iter()
            .map(move |(variable, blocks)| (variable, bytes(blocks)))
    }

    /// As MessagePack.
    pub fn to_bytes(&self) -> Result<Vec<u8>, UnpackError> {
        rmp_serde::to_vec(self).map_err(|error| UnpackError(error.to_string()))
    }

    /// Reads what [`PackedReadings::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnpackError> {
        rmp_serde::from_slice(bytes).map_err(|error| UnpackError(error.to_string()))
    }
}

fn encode(readings: Vec<Reading>) -> Result<Vec<Bytes>, BlockError> {
    let blocks = blocks::split(readings);
    blocks.iter().map(|block| blocks::encode(block).map(Bytes)).collect()
}

/// Bytes that MessagePack carries as bytes; serde alone would write a list of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::Status;
    use proptest::prelude::*;

    fn unpack(packed: PackedReadings) -> Vec<(String, Vec<Reading>)> {
        let decode = |blocks: Vec<Vec<u8>>| blocks.iter().flat_map(|block| blocks::decode(block).unwrap()).collect();
        packed
            .into_streams()
            .map(|(variable, blocks)| (variable.to_string(), decode(blocks)))
            .collect()
    }

    #[test]
    fn ten_thousand_readings_of_a_machine_fit_into_a_message() {
        let reading = |n: i64| {
            let (time, value) = (
                1_767_323_045_000_000_000 + n * 1_000_000_000,
                20.0 + (n % 50) as f64 / 10.0,
            );
            let (status, id) = (Status::Clean, None);
            Reading {
                time,
                value,
                status,
                id,
            }
        };
        let stream = |sensor: i64| {
            let variable = format!("sensor-{sensor}").parse().unwrap();
            (variable, (sensor..10_000).step_by(8).map(reading).collect())
        };
        let packed = PackedReadings::pack((0..8).map(stream).collect()).unwrap();
        assert!(packed.to_bytes().unwrap().len() < 30_000);
        let counts = unpack(packed).into_iter().map(|(_, readings)| readings.len());
        assert_eq!(counts.collect::<Vec<_>>(), [1250; 8]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_packed_comes_back(readings in proptest::collection::vec((0..3u8, 0..50i64, -1e6..1e6f64), 0..200)) {
            let mut sent: BTreeMap<VariableName, Vec<Reading>> = BTreeMap::new();
            for (stream, time, value) in readings {
                let reading = Reading { time, value, status: Status::Clean, id: None };
                sent.entry(VariableName::parse(&format!("s{stream}")).unwrap()).or_default().push(reading);
            }
            let kept = sent.clone().into_iter().map(|(name, readings)| (name.into(), blocks::dedupe(readings)));
            let expected: Vec<(String, _)> = kept.collect();
            let bytes = PackedReadings::pack(sent).unwrap().to_bytes().unwrap();
            prop_assert_eq!(unpack(PackedReadings::from_bytes(&bytes).unwrap()), expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = PackedReadings::from_bytes(&bytes);
        }
    }
}
