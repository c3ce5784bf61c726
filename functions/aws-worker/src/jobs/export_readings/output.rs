//! The file of an export, in its format: readings of one stream after another.

use super::columns::{MAGIC, RowGroup, footer};
use aws_s3::{FileState, FileWriter};
use blocks::Reading;
use domain::reading::{ReadingTime, VariableName};
use domain::task::{FileFormat, TaskFile};
use domain::{DeviceId, ServiceError};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Most row groups of a file: what is known of them lies in the task's row, of 400 KB at most.
pub(super) const MOST_GROUPS: usize = 1_000;

/// What a task's row keeps of the file between two steps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OutputState {
    file: FileState,
    /// The row groups so far.
    #[serde(default)]
    groups: Vec<RowGroup>,
}

/// A file that is written.
pub(super) struct Output<'a> {
    file: FileWriter<'a>,
    format: FileFormat,
    groups: Vec<RowGroup>,
}

impl<'a> Output<'a> {
    /// Goes on with a file.
    pub(super) async fn open(
        bucket: &'a aws_s3::Bucket,
        (key, format): (String, FileFormat),
        state: OutputState,
    ) -> Result<Self, ServiceError> {
        let OutputState { file, groups } = state;
        let mut file = bucket.write_file(key, file).await?;
        if file.bytes() == 0 {
            match format {
                FileFormat::Parquet => file.append_as_is(MAGIC).await?,
                FileFormat::Csv => file.append(b"device,variable,time,value,status,id\r\n").await?,
            }
        }
        Ok(Self { file, format, groups })
    }

    /// Whether no more fits into it.
    pub(super) fn is_full(&self) -> bool {
        self.groups.len() >= MOST_GROUPS
    }

    /// Adds readings of a stream.
    pub(super) async fn write(
        &mut self,
        (device, variable): (DeviceId, &VariableName),
        readings: &[Reading],
    ) -> Result<(), ServiceError> {
        if readings.is_empty() {
            return Ok(());
        }
        match self.format {
            FileFormat::Parquet => {
                let of = (device.to_string(), variable.as_str());
                let (bytes, group) = RowGroup::of((&of.0, of.1), readings, self.file.bytes())?;
                self.groups.push(group);
                self.file.append_as_is(&bytes).await
            }
            FileFormat::Csv => self.file.append(lines(device, variable, readings)?.as_bytes()).await,
        }
    }

    /// Leaves off.
    pub(super) async fn pause(self) -> Result<OutputState, ServiceError> {
        Ok(OutputState {
            groups: self.groups,
            file: self.file.pause().await?,
        })
    }

    /// Lays the file down.
    pub(super) async fn finish(mut self) -> Result<TaskFile, ServiceError> {
        if self.format == FileFormat::Parquet {
            self.file.append_as_is(&footer(&self.groups)).await?;
        }
        self.file.finish().await
    }
}

/// No field needs quotes (RFC 4180 section 2): neither names of variables nor numbers have commas.
fn lines(device: DeviceId, variable: &VariableName, readings: &[Reading]) -> Result<String, ServiceError> {
    let mut text = String::new();
    for reading in readings {
        let time = ReadingTime::from_nanos(reading.time).map_err(|error| ServiceError::Failed(error.to_string()))?;
        let id = reading.id.map(|id| id.to_string()).unwrap_or_default();
        let (value, status) = (reading.value, reading.status.as_str());
        // Such a float is as short as it can be and reads back to the bit; writing to a text does not fail.
        let _ = write!(text, "{device},{variable},{time},{value:?},{status},{id}\r\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::Status;

    #[test]
    fn a_line_has_what_a_reading_has() {
        let reading = Reading {
            time: 1_767_323_045_000_000_007,
            value: 0.1,
            status: Status::Utc,
            id: Some(7),
        };
        let device = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let text = lines(device, &VariableName::parse("t").unwrap(), &[reading]).unwrap();
        assert_eq!(
            text,
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC,t,2026-01-02T03:04:05.000000007Z,0.1,utc,7\r\n"
        );
    }
}
