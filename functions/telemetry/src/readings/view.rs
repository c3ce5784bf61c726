//! A reading as answers show it.

use blocks::Reading;
use domain::reading::ReadingTime;
use http_api::Problem;
use serde::Serialize;

/// One reading.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReadingView {
    /// When it was taken.
    pub time: ReadingTime,
    /// The value.
    pub value: f64,
    /// How far the time can be trusted: `clean`; `dirty`, reckoned backwards over a reboot; `utc`, stamped by the device in UTC.
    #[schema(value_type = String, pattern = "^(clean|dirty|utc)$")]
    pub status: &'static str,
    /// The id that the device gave it, if it came in a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
}

impl TryFrom<Reading> for ReadingView {
    type Error = Problem;
    fn try_from(reading: Reading) -> Result<Self, Problem> {
        Ok(Self {
            time: ReadingTime::from_nanos(reading.time).map_err(Problem::internal)?,
            value: reading.value,
            status: reading.status.as_str(),
            id: reading.id,
        })
    }
}
