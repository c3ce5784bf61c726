//! An event as answers show it.

use aws_dynamodb::EventRow;
use domain::EventId;
use domain::reading::{ReadingTime, VariableName};
use http_api::Problem;
use serde::Serialize;
use serde_json::value::RawValue;

/// An event, without its body.
#[derive(Serialize, utoipa::ToSchema)]
pub struct EventView {
    id: EventId,
    /// What it is of.
    variable: VariableName,
    /// When it happened.
    time: ReadingTime,
    /// The id that the device gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    local_id: Option<u32>,
    /// Its summary, as the device wrote it.
    #[schema(value_type = Option<serde_json::Value>)]
    extra_data: Option<Box<RawValue>>,
    /// How long its body is, in bytes of JSON; `null` where it has none.
    data_bytes: Option<u64>,
}

impl TryFrom<EventRow> for EventView {
    type Error = Problem;
    fn try_from(event: EventRow) -> Result<Self, Problem> {
        Ok(Self {
            id: event.id,
            variable: event.variable,
            time: ReadingTime::from_nanos(event.id.time()).map_err(Problem::internal)?,
            local_id: event.local_id,
            extra_data: event.extra_data.map(raw).transpose()?,
            data_bytes: event.data.map(|body| body.bytes),
        })
    }
}

/// JSON that was read as such once, to the letter.
pub fn raw(json: String) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(json).map_err(Problem::internal)
}
