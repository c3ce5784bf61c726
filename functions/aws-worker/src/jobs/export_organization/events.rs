//! A device's events with their bodies, oldest first.

use super::Export;
use aws_dynamodb::{EventRow, PackedData};
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, EventId, ServiceError};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::value::RawValue;

/// Events that are read together: of 4 MiB at most each, some of them fit into memory beside one another.
const PAGE: usize = 50;
/// How many bodies are fetched at once.
const AT_ONCE: usize = 4;
/// Most bytes of lines that are written together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// An event's line.
#[derive(Serialize)]
struct Line {
    r#type: &'static str,
    id: EventId,
    device: DeviceId,
    variable: VariableName,
    time: ReadingTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_id: Option<u32>,
    extra_data: Option<Box<RawValue>>,
    data: Option<Box<RawValue>>,
}

/// Some lines after an event, how many, and the event after which there may be more.
pub(super) async fn after(
    export: &Export<'_>,
    device: DeviceId,
    after: Option<EventId>,
) -> Result<(String, u64, Option<EventId>), ServiceError> {
    let all = (EventId::first_at(0), EventId::last_at(i64::MAX));
    let (events, next) = export.table.events(device, all, (true, after), (None, PAGE)).await?;
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    let mut lines = stream::iter(events)
        .map(|event| line(export, device, event))
        .buffered(AT_ONCE);
    let (mut text, mut count) = (String::new(), 0);
    for id in ids {
        if let Some(line) = lines.try_next().await? {
            text.push_str(&line);
            text.push('\n');
            count += 1;
        }
        if text.len() > MOST_BYTES {
            return Ok((text, count, Some(id)));
        }
    }
    Ok((text, count, next))
}

async fn line(export: &Export<'_>, device: DeviceId, event: EventRow) -> Result<String, ServiceError> {
    let unreadable = |error: &dyn std::fmt::Display| ServiceError::Failed(format!("an event of {device}: {error}"));
    let packed = match event.data.map(|body| body.packed) {
        None => None,
        Some(PackedData::Here(packed)) => Some(packed),
        // None of an event that a restore has brought back without its body.
        Some(PackedData::Object(key)) => export.app.storage.get(&key).await?,
    };
    let data = packed.map(|packed| PackedData::unpack(&packed)).transpose()?;
    let raw = |json: Option<String>| {
        json.map(RawValue::from_string)
            .transpose()
            .map_err(|error| unreadable(&error))
    };
    let line = Line {
        r#type: "event",
        id: event.id,
        device,
        time: ReadingTime::from_nanos(event.id.time()).map_err(|error| unreadable(&error))?,
        variable: event.variable,
        local_id: event.local_id,
        extra_data: raw(event.extra_data)?,
        data: raw(data)?,
    };
    serde_json::to_string(&line).map_err(|error| unreadable(&error))
}
