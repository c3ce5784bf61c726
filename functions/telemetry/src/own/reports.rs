//! POST /v1/device/reports: a device uploads a streamer report.

use crate::App;
use crate::hand_over::UploadView;
use crate::reports::create::{Received, take};
use axum::extract::State;
use http_api::{Accepted, Authenticated, Body, Problem, Query, Refusals};

/// Upload a streamer report of the device that calls. Readings that are stored already are passed over, so a report can be sent again.
#[utoipa::path(
    post, path = "/v1/device/reports", operation_id = "uploadOwnReport", tag = "telemetry", params(Received),
    request_body(
        description = "The report as the device wrote it",
        content(([u8] = "application/octet-stream"), (Object = "application/json"), ([u8] = "application/msgpack")),
    ),
    responses((status = 202, body = UploadView), Refusals),
    security(("device_session" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Query(received): Query<Received>,
    body: Body,
) -> Result<Accepted<UploadView>, Problem> {
    let (device, grant) = caller.device()?;
    take(&app, &app.tables.open(&grant)?, device, &received, &body).await
}
