//! GET /v1/orgs/{org}/devices/{device}/streams/{variable}/filter: the filter that a stream goes through.

use super::place;
use crate::App;
use crate::filters::view::FilterView;
use axum::extract::State;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get the filter that a stream goes through, and where the stream is in it. Where that is the project's, the `ETag` is `"0"`, with which the stream's
/// own can be set.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/filter", operation_id = "getStreamFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path)),
    responses((status = 200, body = FilterView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, device, variable)): Path<(OrgId, DeviceId, VariableName)>,
) -> Result<Versioned<FilterView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    place(&table, device, &variable).await?;
    let found = table.filters_in_force(&[(device, variable)]).await?;
    let found = found.into_iter().flatten().next();
    let found = found.ok_or_else(|| Problem::not_found("filter: set one with `If-Match: \"0\"`"))?;
    let version = match found.project {
        Some(_) => 0,
        None => found.set.version,
    };
    Ok(Versioned(
        version,
        FilterView::new(found.set, found.project, found.progress),
    ))
}
