//! POST /v1/orgs/{org}/devices/{device}/readings: upload readings.

use super::device;
use crate::App;
use crate::hand_over::{Upload, UploadView, hand_over};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::reading::ReadingTime;
use domain::task::UploadContent;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Accepted, Authenticated, Path, Problem, Refusals};
use uploads::{NewReadings, Sent, Unit, Written};

/// Upload readings, as JSON, as a JSON object a line, or in InfluxDB's line protocol, where each numeric field of a line is a reading of the
/// variable `measurement.field`, with `:key-value` for each tag. A reading of a time that the stream has already takes its place.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/readings", operation_id = "uploadReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), Unit),
    request_body(
        description = "1 to 10,000 readings of at most 256 different variables; compressed with `content-encoding: gzip` or the ending `+gzip` or `+zstd` of the media type",
        content(
            (NewReadings = "application/json"), (String = "application/x-ndjson"), (String = "text/plain"),
            ([u8] = "application/json+zstd"), ([u8] = "application/x-ndjson+zstd"), ([u8] = "text/plain+zstd"),
            ([u8] = "application/json+gzip"), ([u8] = "application/x-ndjson+gzip"), ([u8] = "text/plain+gzip"),
        ),
    ),
    responses((status = 202, body = UploadView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    written: Written,
) -> Result<Accepted<UploadView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryWrite)?)?;
    take(&app, &table, id, written).await
}

/// Takes readings of a device in.
pub async fn take(
    app: &App,
    table: &OrgTable,
    id: DeviceId,
    written: Written,
) -> Result<Accepted<UploadView>, Problem> {
    let now = ReadingTime::try_from(app.source.now()).map_err(Problem::internal)?;
    let sent = written.read(now)?;
    sent.bounded()?;
    device(table, id).await?;
    hand_over(app, packed(table.org(), id, sent)?).await
}

pub(super) fn packed(org: OrgId, device: DeviceId, sent: Sent) -> Result<Upload, Problem> {
    let (count, skipped) = (sent.count, sent.skipped);
    Ok(Upload {
        org,
        device,
        count,
        skipped,
        content: UploadContent::Readings,
        body: sent.pack()?,
        group: None,
    })
}
