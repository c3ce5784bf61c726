//! Readings as one JSON document.

use super::{MAX_READINGS, Sent};
use crate::readings::finite::Finite;
use blocks::{Reading, Status};
use domain::reading::{ReadingTime, VariableName};
use http_api::{Body, Problem};
use serde::Deserialize;

/// Readings of one device.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReadings {
    /// 1 to 10,000 readings of at most 256 different variables. Of several with one variable and time the last counts.
    #[schema(min_items = 1, max_items = 10000)]
    readings: Vec<NewReading>,
}

/// One reading.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReading {
    variable: VariableName,
    /// When it was taken, with the offset from UTC.
    time: ReadingTime,
    value: Finite,
}

/// Readings from the document.
pub fn read_json(body: &Body) -> Result<Sent, Problem> {
    let NewReadings { readings } = body.json()?;
    if readings.is_empty() || readings.len() > MAX_READINGS {
        let detail = format!("must have 1 to 10,000 readings, not {}", readings.len());
        return Err(Problem::field("/readings", detail));
    }
    let readings = readings.into_iter().map(NewReading::into_reading).collect();
    Ok(Sent { readings, skipped: 0 })
}

impl NewReading {
    pub(super) fn into_reading(self) -> (VariableName, Reading) {
        let reading = Reading {
            time: self.time.nanos(),
            value: self.value.0,
            status: Status::Clean,
            id: None,
        };
        (self.variable, reading)
    }
}
