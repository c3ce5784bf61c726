//! Going through a stream, a few blocks at a time, all of them opened: by blocks, or by readings, each identity once, in the order of their times.

mod computed;

use aws_dynamodb::{OrgTable, Stream};
use blocks::{BlockError, Hole, Reading, StoredBlock, WINDOW};
use domain::reading::VariableName;
use domain::stream::{Scale, StreamSettings};
use domain::{DeviceId, ServiceError};

/// Blocks that are read together: of ten thousand readings each at most, they are opened together.
const PAGE: usize = 16;
/// Most bytes of blocks that lie over one another and must be held together: the API reads no more of them at a time either.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Some readings from a time on, before another, as everybody is shown them but for their scale, and from which time to go on; none after the last.
/// Of a computed stream they are computed.
pub(super) async fn readings(
    table: &OrgTable,
    (device, variable): (DeviceId, &VariableName),
    (from, end): (i64, i64),
) -> Result<(Vec<Reading>, Option<i64>), ServiceError> {
    let Some(stream) = table.stream(device, variable).await? else {
        return Ok((Vec::new(), None));
    };
    let settings = settings_of(table, (device, variable)).await?;
    match &settings.formula {
        Some(formula) => {
            let from = from.max(settings.floor(table.now()).unwrap_or(from));
            computed::readings(table, (device, formula), (from, end)).await
        }
        None => stored(table, (device, &stream, &settings), (from, end)).await,
    }
}

/// What is laid down about a stream.
async fn settings_of(
    table: &OrgTable,
    (device, variable): (DeviceId, &VariableName),
) -> Result<StreamSettings, ServiceError> {
    let settings = table.stream_settings(device, variable).await?;
    Ok(settings.unwrap_or_else(|| StreamSettings::of(variable.clone())))
}

/// The same of a stored stream with these settings.
async fn stored(
    table: &OrgTable,
    (device, stream, settings): (DeviceId, &Stream, &StreamSettings),
    (from, end): (i64, i64),
) -> Result<(Vec<Reading>, Option<i64>), ServiceError> {
    let holes = settings.holes(table.now());
    let (blocks, complete) = read(table, (device, stream), from, &holes).await?;
    let complete = complete.filter(|complete| *complete < end);
    let readings = blocks::read(&blocks, from, complete.unwrap_or(end));
    Ok((readings.map_err(|error| broken(device, &error))?, complete))
}

/// A reading as people are told it.
pub(super) fn scaled(reading: Reading, scale: Option<Scale>) -> Reading {
    let value = scale.map(|scale| scale.value(reading.value).clamp(f64::MIN, f64::MAX));
    Reading {
        value: value.unwrap_or(reading.value),
        ..reading
    }
}

fn broken(device: DeviceId, error: &BlockError) -> ServiceError {
    ServiceError::Failed(format!("a block of {device}: {error}"))
}

/// Blocks from a time on without what is in these holes, and the time before which no reading is missing from them; none where these are
/// the last.
pub(super) async fn read(
    table: &OrgTable,
    (device, stream): (DeviceId, &Stream),
    from: i64,
    holes: &[Hole],
) -> Result<(Vec<StoredBlock>, Option<i64>), ServiceError> {
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let order = (true, after.as_ref());
        let mut page = table
            .blocks(device, &stream.variable, (from, i64::MAX), order, PAGE)
            .await?;
        let last = page.blocks.last().map(|block| begin_of_the_next(block, stream.span));
        table.fetch(&mut page.blocks).await?;
        let left = page
            .blocks
            .into_iter()
            .filter_map(|block| block.without(holes).transpose());
        for block in left {
            read.push(block.map_err(|error| broken(device, &error))?);
        }
        if page.next.is_none() {
            return Ok((read, None));
        }
        after = page.next;
        let complete = last.unwrap_or(from);
        if complete > from {
            return Ok((read, Some(complete)));
        }
        bounded(device, &read)?;
    }
}

/// Refuses more blocks than are held together.
fn bounded(device: DeviceId, blocks: &[StoredBlock]) -> Result<(), ServiceError> {
    if blocks.iter().map(|block| block.bytes.len()).sum::<usize>() > MOST_BYTES {
        let why = format!("more than 64 MiB of blocks of {device} lie over one another");
        return Err(ServiceError::Failed(why));
    }
    Ok(())
}

/// What comes after a block ends no earlier, so it begins no earlier than this.
fn begin_of_the_next(block: &StoredBlock, span: i64) -> i64 {
    let last = block.summary.last.time;
    last.saturating_sub(span).max(last & !(WINDOW - 1))
}
