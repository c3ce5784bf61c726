//! POST /v1/device/readings: a device uploads its readings.

use crate::App;
use crate::hand_over::UploadView;
use crate::readings::create::take;
use axum::extract::State;
use http_api::{Accepted, Authenticated, Problem, Refusals};
use uploads::{NewReadings, Unit, Written};

/// Upload readings of the device that calls, in any of the forms that `POST /v1/orgs/{org}/devices/{device}/readings` takes. A reading of a
/// time that the stream has already takes its place.
#[utoipa::path(
    post, path = "/v1/device/readings", operation_id = "uploadOwnReadings", tag = "telemetry", params(Unit),
    request_body(
        description = "1 to 10,000 readings of at most 256 different variables; compressed with `content-encoding: gzip` or the ending `+gzip` or `+zstd` of the media type",
        content(
            (NewReadings = "application/json"), (String = "application/x-ndjson"), (String = "text/plain"),
            ([u8] = "application/json+zstd"), ([u8] = "application/x-ndjson+zstd"), ([u8] = "text/plain+zstd"),
            ([u8] = "application/json+gzip"), ([u8] = "application/x-ndjson+gzip"), ([u8] = "text/plain+gzip"),
        ),
    ),
    responses((status = 202, body = UploadView), Refusals),
    security(("device_session" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    written: Written,
) -> Result<Accepted<UploadView>, Problem> {
    let (device, grant) = caller.device()?;
    take(&app, &app.tables.open(&grant)?, device, written).await
}
