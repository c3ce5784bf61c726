//! Which readings of an upload its streams take. Blocks of a stream without settings stay as they came, unopened.

use crate::failure::Failure;
use crate::settings::Laid;
use aws_dynamodb::StreamBlocks;
use blocks::{Acceptance, Reading, StoredBlock};
use domain::reading::{ReadingTime, VariableName};
use domain::stream::{Refusal, StreamSettings, Unfit};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How far ahead of its acceptance a reading may be dated without a note of it, and be seen by filters: clocks differ.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// Most refusals that an outcome names, one for each stream and reason.
const MOST_TOLD: usize = 20;

/// What is left of an upload.
#[derive(Debug, Default, PartialEq)]
pub struct Admitted {
    /// What is stored; streams of which nothing is left are not among them.
    pub streams: Vec<StreamBlocks>,
    /// What is not.
    pub refused: Refused,
}

/// What streams did not take.
#[derive(Debug, Default, PartialEq)]
pub struct Refused {
    /// How many readings.
    pub count: u64,
    /// The first of them, in the order of the streams.
    pub told: Vec<Refusal>,
}

/// Which readings are stored, and as what. Depends on nothing but its arguments.
pub fn admit(streams: Vec<StreamBlocks>, laid: &Laid, accepted: (Acceptance, Timestamp)) -> Result<Admitted, Failure> {
    let mut admitted = Admitted::default();
    for stream in streams {
        let stream = match laid.get(&stream.variable) {
            Some(settings) => admitted.refused.of_stream(stream, settings, accepted)?,
            None => stream,
        };
        if !stream.blocks.is_empty() {
            admitted.streams.push(stream);
        }
    }
    Ok(admitted)
}

/// Readings of a stream as blocks.
pub fn blocks_of(
    variable: VariableName,
    readings: Vec<Reading>,
    accepted: Acceptance,
) -> Result<StreamBlocks, Failure> {
    let blocks = StoredBlock::encode_all(readings, accepted).map_err(Failure::broken)?;
    Ok(StreamBlocks { variable, blocks })
}

impl Refused {
    /// The stream as it is stored.
    fn of_stream(
        &mut self,
        StreamBlocks { variable, blocks }: StreamBlocks,
        settings: &StreamSettings,
        (acceptance, at): (Acceptance, Timestamp),
    ) -> Result<StreamBlocks, Failure> {
        let (mut taken, mut refused) = (Vec::new(), BTreeMap::<Unfit, (u64, i64)>::new());
        for block in blocks {
            for reading in block.decode().map_err(Failure::broken)? {
                match settings.admit(reading, at) {
                    Ok(reading) => taken.push(reading),
                    Err(reason) => {
                        let (count, first) = refused.entry(reason).or_insert((0, reading.time));
                        (*count, *first) = (*count + 1, reading.time.min(*first));
                    }
                }
            }
        }
        for (reason, (count, first)) in refused {
            self.tell(&variable, reason, count, first)?;
        }
        blocks_of(variable, taken, acceptance)
    }

    fn tell(&mut self, variable: &VariableName, reason: Unfit, count: u64, first: i64) -> Result<(), Failure> {
        self.count += count;
        if self.told.len() < MOST_TOLD {
            self.told.push(Refusal {
                variable: variable.clone(),
                reason,
                count,
                first: ReadingTime::from_nanos(first).map_err(Failure::broken)?,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::Status;
    use domain::stream::{DataType, Scale};
    use std::sync::Arc;

    fn stream(variable: &str, values: &[f64]) -> StreamBlocks {
        let reading = |(time, value): (i64, &f64)| Reading {
            time,
            value: *value,
            status: Status::Clean,
            id: None,
        };
        let readings = (1..).zip(values).map(reading).collect();
        blocks_of(variable.parse().unwrap(), readings, Acceptance(7)).unwrap()
    }

    fn laid(settings: &[StreamSettings]) -> Laid {
        let laid = settings.iter().cloned();
        laid.map(|settings| (settings.variable.clone(), Arc::new(settings)))
            .collect()
    }

    #[test]
    fn each_reading_is_taken_or_told_of() {
        let of = |variable: &str| StreamSettings::of(variable.parse().unwrap());
        let on = StreamSettings {
            data_type: DataType::Boolean,
            input_scale: Scale::new(0.0, 1.0, 2.0).ok(),
            ..of("on")
        };
        let off = StreamSettings {
            enabled: false,
            ..of("off")
        };
        let streams = vec![
            stream("off", &[1.0, 2.0]),
            stream("on", &[0.0, 1.0, 2.0]),
            stream("plain", &[0.5]),
        ];
        let accepted = (Acceptance(7), Timestamp::UNIX_EPOCH);
        let Admitted { streams, refused } = admit(streams, &laid(&[on, off]), accepted).unwrap();
        let values = |stream: &StreamBlocks| -> Vec<_> {
            let readings = stream.blocks[0].decode().unwrap();
            readings.iter().map(|reading| (reading.time, reading.value)).collect()
        };
        assert_eq!(
            streams.iter().map(values).collect::<Vec<_>>(),
            [vec![(1, 0.0), (3, 1.0)], vec![(1, 0.5)]]
        );
        let told = refused
            .told
            .iter()
            .map(|told| (told.variable.as_str(), told.reason, told.count, told.first.nanos()));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("off", Unfit::Disabled, 2, 1), ("on", Unfit::NotABoolean, 1, 2)]
        );
        assert_eq!(refused.count, 3);
    }

    #[test]
    fn many_refusals_are_counted_and_some_are_told() {
        let off = |n: usize| StreamSettings {
            enabled: false,
            ..StreamSettings::of(format!("s{n}").parse().unwrap())
        };
        let streams: Vec<_> = (0..30).map(|n| stream(&format!("s{n}"), &[1.0])).collect();
        let laid = laid(&(0..30).map(off).collect::<Vec<_>>());
        let admitted = admit(streams, &laid, (Acceptance(7), Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!((admitted.refused.count, admitted.refused.told.len()), (30, MOST_TOLD));
        assert!(admitted.streams.is_empty());
    }
}
