//! GET /v1/admin/maintenance: whether the deployment is closed.

use super::MaintenanceView;
use crate::{App, ByStaff};
use axum::extract::State;
use http_api::{Problem, Refusals, Versioned};

/// Get the deployment's maintenance. For staff.
#[utoipa::path(
    get, path = "/v1/admin/maintenance", operation_id = "getMaintenance", tag = "operations",
    responses((status = 200, body = MaintenanceView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(_: ByStaff, State(app): State<App>) -> Result<Versioned<MaintenanceView>, Problem> {
    let set = app.directory.maintenance().await?;
    Ok(Versioned(set.as_ref().map_or(0, |set| set.version), set.into()))
}
