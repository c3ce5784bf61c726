//! A stream's readings, decoded from its blocks, each identity once, in the order of their times, some at a time.

use aws_dynamodb::OrgTable;
use blocks::{Reading, StoredBlock, WINDOW};
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};

/// Blocks that are read together, and opened together.
const PAGE: usize = 16;
/// Most bytes of blocks that lie over one another and must be held together: the API reads no more of them at a time either.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Some readings from a time on, before another, and from which time to go on; none after the last.
pub(super) async fn readings(
    table: &OrgTable,
    (device, variable): (DeviceId, &VariableName),
    (from, end): (i64, i64),
) -> Result<(Vec<Reading>, Option<i64>), ServiceError> {
    let Some(stream) = table.stream(device, variable).await? else {
        return Ok((Vec::new(), None));
    };
    let (blocks, complete) = read(table, (device, variable), stream.span, from).await?;
    let complete = complete.filter(|complete| *complete < end);
    let readings = blocks::read(&blocks, from, complete.unwrap_or(end));
    let readings = readings.map_err(|error| ServiceError::Failed(format!("a block of {device}: {error}")))?;
    Ok((readings, complete))
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
