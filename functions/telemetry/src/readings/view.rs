//! A reading as answers show it.

use blocks::Reading;
use domain::reading::ReadingTime;
use domain::stream::UnitName;
use http_api::{Cursor, Page, Problem};
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

/// One page of what is told in a unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InUnit<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins: send it as `cursor`. `null` on the last page.
    pub next: Option<Cursor>,
    /// What the values are in, where the stream says so and its own scale alone is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitName>,
}

impl<T> InUnit<T> {
    /// A page, and what its values are in.
    pub fn new(Page { items, next }: Page<T>, unit: Option<UnitName>) -> Self {
        Self { items, next, unit }
    }
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
