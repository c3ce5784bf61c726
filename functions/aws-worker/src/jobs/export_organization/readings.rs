//! A stream's readings as everybody is shown them, decoded from its blocks, each identity once, in the order of their times.

use crate::jobs::stream_blocks::readings;
use aws_dynamodb::OrgTable;
use blocks::Reading;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, ServiceError};
use serde::Serialize;

/// A reading's line.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    device: DeviceId,
    variable: &'a VariableName,
    time: String,
    value: f64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
}

/// Some lines from a time on, how many, and from which time to go on; none after the last.
pub(super) async fn from(
    table: &OrgTable,
    device: DeviceId,
    variable: &VariableName,
    from: i64,
) -> Result<(String, u64, Option<i64>), ServiceError> {
    let (readings, next) = readings(table, (device, variable), (from, i64::MAX)).await?;
    let mut text = String::new();
    for reading in &readings {
        text.push_str(&line(device, variable, reading)?);
        text.push('\n');
    }
    Ok((text, readings.len() as u64, next))
}

fn line(device: DeviceId, variable: &VariableName, reading: &Reading) -> Result<String, ServiceError> {
    let unreadable = |error: &dyn std::fmt::Display| ServiceError::Failed(format!("a reading of {device}: {error}"));
    let time = ReadingTime::from_nanos(reading.time).map_err(|error| unreadable(&error))?;
    let line = Line {
        r#type: "reading",
        device,
        variable,
        time: time.to_string(),
        value: reading.value,
        status: reading.status.as_str(),
        id: reading.id,
    };
    serde_json::to_string(&line).map_err(|error| unreadable(&error))
}
