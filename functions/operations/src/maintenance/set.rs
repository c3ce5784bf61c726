//! PUT /v1/admin/maintenance: close the deployment, and open it again.

use super::MaintenanceView;
use crate::{App, ByStaff};
use aws_dynamodb::{Refused, SetMaintenance};
use axum::extract::State;
use domain::maintenance::{Message, Mode};
use http_api::{IfMatch, Json, Problem, Refusals, Versioned};
use serde::Deserialize;

/// How far to close it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMaintenance {
    mode: Mode,
    /// What those who are kept out are told.
    message: Option<Message>,
}

/// Set the deployment's maintenance, from everybody's next request on: `read_only` refuses what is no GET, `no_access` everything but the routes of
/// the staff, with 503 and `Retry-After`. Signing in goes on, for staff must be able to, and what was accepted before is worked off. For staff.
#[utoipa::path(
    put, path = "/v1/admin/maintenance", operation_id = "setMaintenance", tag = "operations",
    params(("if-match" = String, Header)), request_body = NewMaintenance,
    responses(
        (status = 200, body = MaintenanceView),
        (status = 412, description = "It was set since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    ByStaff(staff): ByStaff,
    State(app): State<App>,
    version: IfMatch,
    Json(body): Json<NewMaintenance>,
) -> Result<Versioned<MaintenanceView>, Problem> {
    let set = SetMaintenance {
        mode: body.mode,
        message: body.message,
        set_by: staff.id().to_string(),
        set_at: app.source.now(),
        version: version.0.saturating_add(1),
    };
    match app.directory.set_maintenance(&set, version.0).await {
        Ok(()) => {}
        Err(Refused::Write(_)) => return Err(version.stale()),
        Err(Refused::Service(error)) => return Err(error.into()),
    }
    tracing::info!(mode = set.mode.as_str(), by = %staff.id(), "maintenance is set");
    Ok(Versioned(set.version, Some(set).into()))
}
