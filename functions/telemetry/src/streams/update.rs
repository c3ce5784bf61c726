//! PATCH /v1/orgs/{org}/devices/{device}/streams/{variable}: lay down what a stream is.

use super::formula;
use super::get::shown;
use super::view::{SettingsView, StreamView};
use crate::App;
use crate::readings::device;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::formula::Formula;
use domain::journal::Event;
use domain::reading::VariableName;
use domain::stream::{DataType, Days, Description, Scale, StreamSettings, UnitName};
use domain::{DeviceId, OrgId, Permission, ServiceError};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned, named};
use serde::Deserialize;
use serde_json::json;

/// What is to change; what is not named stays, what is `null` is taken away.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamChanges {
    /// What it is.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Description>)]
    description: Option<Option<Description>>,
    /// What its values are in, by the output scale.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<UnitName>)]
    unit: Option<Option<UnitName>>,
    /// What its stored values are. Readings that are not of it are refused from now on, each by itself.
    data_type: Option<DataType>,
    /// Whether readings are stored from now on.
    enabled: Option<bool>,
    /// For how many days readings are kept, by their own times; `null` for ever. Older ones are shown no more from now on, and deleted in
    /// the night.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Days>)]
    retention: Option<Option<Days>>,
    /// Applied once to each value from now on, before it is stored.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Scale>)]
    input_scale: Option<Option<Scale>>,
    /// Applied to each value that is asked for, whenever it was stored.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Scale>)]
    output_scale: Option<Option<Scale>>,
    /// What its values are computed by from now on, whenever they are asked for, over other streams of the device by their output scales: numbers,
    /// names of variables, + - * /, parentheses, abs, sqrt, round, min and max. Names that begin with a digit or have a hyphen
    /// stand in brackets, as in `[5c00]`. There is a value at each time at which one of them has a reading, and all have had one in the seven days
    /// before. Nothing is stored of such a stream: it takes no readings, and must have none.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<Formula>)]
    formula: Option<Option<Formula>>,
}

impl StreamChanges {
    fn applied_to(self, old: &StreamSettings) -> StreamSettings {
        let old = old.clone();
        StreamSettings {
            description: self.description.unwrap_or(old.description),
            unit: self.unit.unwrap_or(old.unit),
            data_type: self.data_type.unwrap_or(old.data_type),
            enabled: self.enabled.unwrap_or(old.enabled),
            retention: self.retention.unwrap_or(old.retention),
            input_scale: self.input_scale.unwrap_or(old.input_scale),
            output_scale: self.output_scale.unwrap_or(old.output_scale),
            formula: self.formula.unwrap_or(old.formula),
            version: old.version + 1,
            variable: old.variable,
            deletions: old.deletions,
        }
    }

    fn is_empty(&self) -> bool {
        let texts = self.description.is_none() && self.unit.is_none();
        let values = self.input_scale.is_none() && self.output_scale.is_none() && self.formula.is_none();
        texts && values && self.data_type.is_none() && self.enabled.is_none() && self.retention.is_none()
    }
}

/// Lay down what a stream is, whether and for how long its readings are stored, by which scales, or by which formula it is computed. A stream that has no readings yet can be
/// told of in advance; its version is `"0"`. What is stored already stays as it is. The worker that stores readings knows of a change with the
/// batch that it begins next.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/devices/{device}/streams/{variable}", operation_id = "updateStream", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), ("variable" = VariableName, Path), ("if-match" = String, Header)),
    request_body = StreamChanges,
    responses(
        (status = 200, body = StreamView),
        (status = 412, description = "The stream's settings have changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id, variable)): Path<(OrgId, DeviceId, VariableName)>,
    version: IfMatch,
    Json(body): Json<StreamChanges>,
) -> Result<Versioned<StreamView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    device(&table, id).await?;
    let old = table.stream_settings(id, &variable).await?;
    let old = old.unwrap_or_else(|| StreamSettings::of(variable.clone()));
    version.must_be(old.version)?;
    if body.is_empty() {
        return Err(Problem::field("", "must say something to change"));
    }
    let new = body.applied_to(&old);
    let row = formula::check(&table, id, (&old, &new)).await?;
    let event = Event {
        action: "stream.updated",
        resource: format!("{id}/{variable}"),
        before: Some(json!(SettingsView::from(&old))),
        after: Some(json!(SettingsView::from(&new))),
    };
    match formula::put(&table, (id, row), Change::told(event), &new).await {
        Ok(()) => {}
        Err(Refused::Write(2)) => return Err(Problem::not_found("device in this organisation")),
        Err(Refused::Write(3)) => return Err(ServiceError::Busy("readings were stored meanwhile".to_owned()).into()),
        Err(Refused::Write(_)) => return Err(version.stale()),
        Err(Refused::Service(error)) => return Err(error.into()),
    }
    let shown = shown(&table, id, &variable, Some(new)).await?;
    shown.ok_or_else(|| Problem::internal("settings that were just written are not there"))
}
