//! POST /v1/device/readings: a device uploads its readings.

use crate::App;
use crate::hand_over::UploadView;
use crate::readings::create::{NewReadings, take};
use axum::extract::State;
use http_api::{Accepted, Authenticated, Json, Problem, Refusals};

/// Upload readings of the device that calls. A reading of a time that the stream has already takes its place.
#[utoipa::path(
    post, path = "/v1/device/readings", operation_id = "uploadOwnReadings", tag = "telemetry", request_body = NewReadings,
    responses((status = 202, body = UploadView), Refusals),
    security(("device_session" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Json(body): Json<NewReadings>,
) -> Result<Accepted<UploadView>, Problem> {
    let (device, grant) = caller.device()?;
    take(&app, &app.tables.open(&grant)?, device, body).await
}
