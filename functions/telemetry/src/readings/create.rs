//! POST /v1/orgs/{org}/devices/{device}/readings: upload readings.

use super::device;
use super::finite::Finite;
use crate::App;
use crate::bounds::few_blocks;
use crate::hand_over::{Upload, UploadView, hand_over};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use blocks::{Reading, Status};
use domain::packed::PackedReadings;
use domain::reading::{ReadingTime, VariableName};
use domain::task::UploadContent;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Accepted, Authenticated, Json, Path, Problem, Refusals};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Most readings in one upload.
const MAX_READINGS: usize = 10_000;
/// Most different variables in one upload: each is a block and a note of its own to the worker.
const MAX_VARIABLES: usize = 256;

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
struct NewReading {
    variable: VariableName,
    /// When it was taken, with the offset from UTC.
    time: ReadingTime,
    value: Finite,
}

/// Upload readings. A reading of a time that the stream has already takes its place.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/readings", operation_id = "uploadReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path)), request_body = NewReadings,
    responses((status = 202, body = UploadView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    Json(body): Json<NewReadings>,
) -> Result<Accepted<UploadView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryWrite)?)?;
    take(&app, &table, id, body).await
}

/// Takes readings of a device in.
pub async fn take(
    app: &App,
    table: &OrgTable,
    id: DeviceId,
    body: NewReadings,
) -> Result<Accepted<UploadView>, Problem> {
    let readings = checked(body)?;
    device(table, id).await?;
    let count = readings.len();
    let packed = PackedReadings::pack(readings);
    let body = packed
        .map_err(Problem::internal)?
        .to_bytes()
        .map_err(Problem::internal)?;
    let content = UploadContent::Readings;
    let upload = Upload {
        org: table.org(),
        device: id,
        count,
        content,
        body,
        group: None,
    };
    hand_over(app, upload).await
}

fn checked(body: NewReadings) -> Result<Vec<(VariableName, Reading)>, Problem> {
    let NewReadings { readings } = body;
    if readings.is_empty() || readings.len() > MAX_READINGS {
        let detail = format!("must have 1 to 10,000 readings, not {}", readings.len());
        return Err(Problem::field("/readings", detail));
    }
    let variables: BTreeSet<_> = readings.iter().map(|reading| &reading.variable).collect();
    if variables.len() > MAX_VARIABLES {
        let detail = format!("must be of at most 256 different variables, not {}", variables.len());
        return Err(Problem::field("/readings", detail));
    }
    let readings: Vec<_> = readings.into_iter().map(NewReading::into_reading).collect();
    few_blocks(readings.iter().map(|(variable, reading)| (variable, reading)))
        .map_err(|detail| Problem::field("/readings", detail))?;
    Ok(readings)
}

impl NewReading {
    fn into_reading(self) -> (VariableName, Reading) {
        let reading = Reading {
            time: self.time.nanos(),
            value: self.value.0,
            status: Status::Clean,
            id: None,
        };
        (self.variable, reading)
    }
}
