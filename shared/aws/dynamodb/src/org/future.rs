//! Streams with readings dated in the future: a row a stream, written where that is noticed and at no other time, so that a check reads
//! what is wrong and nothing else.
//!
//! A row lives a day longer than the time that it tells of, and a year at most (DynamoDB deletes it, free of charge). So people are told
//! once of a clock that goes wrong, however long it does, and anew of one that went right for a while.

use super::OrgTable;
use super::check::{CheckPlace, all, send, values};
use crate::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::reading::{ReadingTime, VariableName};
use domain::text::Name;
use domain::{DeviceId, ProjectId, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a row stays after the time that it tells of.
const KEPT_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How long a row stays at most after it was last written.
const KEPT_AT_MOST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// A stream with readings dated in the future.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FutureReadings {
    /// The device.
    pub device: DeviceId,
    /// Its project.
    pub project: ProjectId,
    /// Its name.
    pub name: Name,
    /// The stream.
    pub variable: VariableName,
    /// The latest time that a reading of it has, give or take an hour.
    pub latest: ReadingTime,
    /// When the first upload with such a reading was accepted.
    pub noted_at: Timestamp,
}

/// A page of a check for readings dated in the future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FutureReadingsPage {
    /// The streams that people were not told of yet.
    pub streams: Vec<FutureReadings>,
    /// How many rows were looked at.
    pub looked_at: usize,
    /// Where the next page begins; `None` after the last.
    pub next: Option<CheckPlace>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    device: DeviceId,
    variable: VariableName,
    /// Nanoseconds since the epoch.
    latest: i64,
    noted_at: Timestamp,
    #[serde(default)]
    told: bool,
    /// Seconds since the epoch.
    expires_at: i64,
}

impl OrgTable {
    /// Notes that an upload accepted at that time brought a reading of the stream dated `latest`. Of several notes the latest time stays.
    pub async fn note_future_reading(
        &self,
        device: DeviceId,
        variable: &VariableName,
        latest: ReadingTime,
        accepted: Timestamp,
    ) -> Result<(), ServiceError> {
        let update = self
            .update_item(
                &keys::future(device, variable),
                &["device", "variable", "latest", "noted_at", "expires_at"],
            )
            .update_expression(
                "SET #device = :device, #variable = :variable, #latest = :latest, #expires_at = :expires_at, #noted_at = if_not_exists(#noted_at, :now)",
            )
            .condition_expression("attribute_not_exists(#latest) OR #latest < :latest")
            .set_expression_attribute_values(values([
                (":device", text(&device)),
                (":variable", text(variable)),
                (":latest", AttributeValue::N(latest.nanos().to_string())),
                (":expires_at", AttributeValue::N(expiry(latest, accepted).to_string())),
                (":now", text(&accepted)),
            ]));
        send(update).await.map(drop)
    }

    /// The streams of a page whose readings were dated in the future and of which nobody was told, whether or not that time has come
    /// since. What is left of deleted devices is passed over.
    pub async fn check_future_readings(
        &self,
        now: Timestamp,
        from: Option<CheckPlace>,
    ) -> Result<FutureReadingsPage, ServiceError> {
        let (rows, next) = self.check_page::<Row>(&[keys::FUTURE.to_owned()], from).await?;
        let looked_at = rows.len();
        let fresh = |row: &Row| !row.told && row.expires_at > now.as_second();
        let rows: Vec<_> = rows.into_iter().filter(fresh).collect();
        let devices = self.devices_of(rows.iter().map(|row| row.device)).await?;
        let stream = |row: Row| {
            let device = devices.get(&row.device)?;
            Some(FutureReadings {
                device: row.device,
                project: device.project,
                name: device.name.clone(),
                variable: row.variable,
                latest: ReadingTime::from_nanos(row.latest).ok()?,
                noted_at: row.noted_at,
            })
        };
        let streams = rows.into_iter().filter_map(stream).collect();
        Ok(FutureReadingsPage {
            streams,
            looked_at,
            next,
        })
    }

    /// Notes that people were told of these streams.
    pub async fn future_readings_told(&self, streams: &[FutureReadings]) -> Result<(), ServiceError> {
        all(streams.iter().collect(), async |stream: &FutureReadings| {
            let update = self
                .update_item(&keys::future(stream.device, &stream.variable), &["told"])
                .update_expression("SET #told = :told")
                .condition_expression("attribute_exists(pk)")
                .set_expression_attribute_values(values([(":told", AttributeValue::Bool(true))]));
            send(update).await
        })
        .await
    }
}

/// When a row goes, in seconds since the epoch.
fn expiry(latest: ReadingTime, accepted: Timestamp) -> i64 {
    let after = latest.nanos() / 1_000_000_000 + KEPT_AFTER.as_secs();
    after.min(accepted.as_second() + KEPT_AT_MOST.as_secs())
}

fn text(value: &impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_outlives_its_time_by_a_day_and_its_writing_by_a_year() {
        let accepted: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for (latest, goes) in [
            ("2026-01-02T04:04:05Z", "2026-01-03T04:04:05Z"),
            ("2262-01-01T00:00:00Z", "2027-01-02T03:04:05Z"),
        ] {
            let expiry = expiry(latest.parse().unwrap(), accepted);
            assert_eq!(Timestamp::from_second(expiry).unwrap().to_string(), goes);
        }
    }
}
