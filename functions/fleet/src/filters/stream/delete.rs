//! DELETE /v1/orgs/{org}/devices/{device}/streams/{variable}/filter: delete a stream's own filter.

use super::place;
use crate::App;
use crate::filters::set;
use axum::extract::State;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, IfMatch, NoContent, Path, Problem, Refusals};

/// Delete a stream's own filter. What it has asked for before is still done.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/filter", operation_id = "deleteStreamFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), ("if-match" = String, Header)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "The filter has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    let place = place(&table, device, &variable).await?;
    set::delete(&table, place, version).await
}
