//! POST /v1/orgs/{org}/devices/{device}/reports: upload a streamer report.

use super::check::{check, format};
use super::{received, refused};
use crate::App;
use crate::hand_over::{Upload, UploadView, hand_over};
use crate::readings::device;
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::task::UploadContent;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Accepted, Authenticated, Body, Path, Problem, Query, Refusals};
use serde::Deserialize;

/// What is to be known beside the report.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Received {
    /// When the gateway in the field received the report from the device; the times of its readings are reckoned from it.
    #[param(required = true, value_type = String, format = "date-time", example = "2026-01-02T03:04:05Z")]
    received_at: Option<String>,
}

/// Upload a streamer report. Readings that are stored already are passed over, so a report can be sent again.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/devices/{device}/reports", operation_id = "uploadReport", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), Received),
    request_body(
        description = "The report as the device wrote it",
        content(([u8] = "application/octet-stream"), (Object = "application/json"), ([u8] = "application/msgpack")),
    ),
    responses((status = 202, body = UploadView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    Query(received): Query<Received>,
    body: Body,
) -> Result<Accepted<UploadView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryWrite)?)?;
    take(&app, &table, id, &received, &body).await
}

/// Takes a report of a device in.
pub async fn take(
    app: &App,
    table: &OrgTable,
    id: DeviceId,
    received: &Received,
    body: &Body,
) -> Result<Accepted<UploadView>, Problem> {
    let org = table.org();
    let format = format(&body.media_type)?;
    let (received_at, received) = received::parse(received.received_at.as_deref(), app.source.now())?;
    let device = device(table, id).await?;
    let report = match check(format, &body.bytes, &device, received) {
        Ok(report) => report,
        Err(refusal) => {
            refused::keep(app, (org, id), &body.bytes, &body.media_type, &refusal.reason).await;
            return Err(refusal.problem);
        }
    };
    let upload = Upload {
        org,
        device: id,
        count: report.count(),
        skipped: 0,
        content: UploadContent::Report { format, received_at },
        body: body.bytes.to_vec(),
        // Each report may fix the clock of the one before it.
        group: Some(format!("{id}#{}", report.streamer)),
    };
    hand_over(app, upload).await
}
