//! PUT /v1/orgs/{org}/devices/{device}/streams/{variable}/filter: set a stream's own filter.

use super::place;
use crate::App;
use crate::filters::set;
use crate::filters::view::FilterView;
use axum::extract::State;
use domain::filter::NewFilter;
use domain::reading::VariableName;
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, IfMatch, Json, Kind, Path, Problem, Refusals, Versioned};

/// Set a stream's own filter; `If-Match: "0"` where there is none yet. The stream goes through it instead of its
/// project's, from its next readings on, whether or not it has any yet.
#[utoipa::path(
    put, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}/filter", operation_id = "setStreamFilter", tag = "fleet",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), ("if-match" = String, Header)),
    request_body = NewFilter,
    responses(
        (status = 200, body = FilterView),
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
    Json(body): Json<NewFilter>,
) -> Result<Versioned<FilterView>, Problem> {
    let grant = caller.require(org, Permission::FleetWrite)?;
    let table = app.tables.open(&grant)?;
    let place = place(&table, device, &variable).await?;
    let settings = table.stream_settings(device, &variable).await?;
    if settings.is_some_and(|settings| settings.formula.is_some()) {
        let detail = "The stream is computed by a formula whenever it is read, so that no reading of it goes through a filter: filter the streams that it is over.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    set::set(&app, (&grant, &table), place, (version, body)).await
}
