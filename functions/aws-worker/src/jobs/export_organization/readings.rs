//! A stream's readings, decoded from its blocks, each identity once, in the order of their times.

use aws_dynamodb::OrgTable;
use blocks::{Reading, StoredBlock, WINDOW};
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, ServiceError};
use serde::Serialize;

/// Blocks that are read together: of four thousand readings each at most, they are opened together.
const PAGE: usize = 16;
/// Most bytes of blocks that lie over one another and must be held together: the API reads no more of them at a time either.
const MOST_BYTES: usize = 64 * 1024 * 1024;

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
    let Some(stream) = table.stream(device, variable).await? else {
        return Ok((String::new(), 0, None));
    };
    let (blocks, complete) = read(table, (device, variable), stream.span, from).await?;
    let readings = blocks::read(&blocks, from, complete.unwrap_or(i64::MAX));
    let readings = readings.map_err(|error| ServiceError::Failed(format!("a block of {device}: {error}")))?;
    let mut text = String::new();
    for reading in &readings {
        text.push_str(&line(device, variable, reading)?);
        text.push('\n');
    }
    Ok((text, readings.len() as u64, complete))
}

/// Blocks from a time on, and the time before which no reading is missing from them; none where these are the last.
async fn read(
    table: &OrgTable,
    (device, variable): (DeviceId, &VariableName),
    span: i64,
    from: i64,
) -> Result<(Vec<StoredBlock>, Option<i64>), ServiceError> {
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let order = (true, after.as_ref());
        let page = table.blocks(device, variable, (from, i64::MAX), order, PAGE).await?;
        read.extend(page.blocks);
        if page.next.is_none() {
            return Ok((read, None));
        }
        after = page.next;
        let complete = read.last().map_or(from, |block| begin_of_the_next(block, span));
        if complete > from {
            return Ok((read, Some(complete)));
        }
        if read.iter().map(|block: &StoredBlock| block.bytes.len()).sum::<usize>() > MOST_BYTES {
            let why = format!("more than 64 MiB of blocks of {device} lie over one another");
            return Err(ServiceError::Failed(why));
        }
    }
}

/// What comes after a block ends no earlier, so it begins no earlier than this.
fn begin_of_the_next(block: &StoredBlock, span: i64) -> i64 {
    let last = block.summary.last.time;
    last.saturating_sub(span).max(last & !(WINDOW - 1))
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
