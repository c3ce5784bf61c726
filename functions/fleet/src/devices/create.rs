//! POST /v1/orgs/{org}/projects/{project}/devices: register a device.

use super::{DeviceView, settings, switched_on};
use crate::App;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::fleet::{Device, SilentAfter, Watch};
use domain::journal::Event;
use domain::text::Name;
use domain::{OrgId, Permission, ProjectId, ServiceError};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use serde::Deserialize;

/// What a caller says about a new device.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    name: Name,
    /// The 32-bit number burnt into the device; unique in the organisation.
    hardware_id: u32,
    /// Whether anybody expects to hear of it.
    #[serde(default = "switched_on")]
    #[schema(default = true)]
    enabled: bool,
    /// After how many seconds without an upload it counts as failed.
    #[serde(default)]
    silent_after: SilentAfter,
}

/// Register a device.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/projects/{project}/devices", operation_id = "createDevice", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), IdempotencyKeyHeader), request_body = NewDevice,
    responses((status = 201, body = DeviceView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    OnceJson(once, body): OnceJson<NewDevice>,
) -> Result<Answered<Created<Json<DeviceView>>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetWrite)?)?;
    once.run(&table, app.source.now(), register(&app, &table, &once, project, body))
        .await
}

async fn register(
    app: &App,
    table: &OrgTable,
    once: &Once,
    project: ProjectId,
    body: NewDevice,
) -> Result<Created<Json<DeviceView>>, Problem> {
    let (id, now) = (app.source.id(), app.source.now());
    let hardware_id = body.hardware_id;
    let device = Device {
        id,
        project,
        name: body.name,
        hardware_id,
        enabled: body.enabled,
        silent_after: body.silent_after,
        version: 1,
        created_at: now,
    };
    let after = Some(settings(&device));
    let event = Event {
        action: "device.created",
        resource: id.to_string(),
        before: None,
        after,
    };
    let answer = Created {
        location: Some(format!("/v1/orgs/{}/projects/{project}/devices/{id}", table.org())),
        body: Json(DeviceView::at(now, device.clone(), &Watch::of(&device))),
    };
    let change = table.remember(Change::told(event), once.record(&answer, now)?)?;
    match table.register_device(change, &device).await {
        Ok(()) => Ok(answer),
        Err(Refused::Write(0)) => Err(taken(table, hardware_id).await?),
        Err(Refused::Write(1)) => Err(Problem::not_found("project")),
        Err(refused) => Err(ServiceError::from(refused).into()),
    }
}

async fn taken(table: &OrgTable, hardware_id: u32) -> Result<Problem, Problem> {
    let holder = table.device_with_hardware(hardware_id).await?;
    let holder = holder
        .map(|device| device.to_string())
        .unwrap_or_else(|| "a device just deleted".to_owned());
    let detail =
        format!("The hardware id {hardware_id} belongs to {holder}: a hardware id is unique in an organisation.");
    Ok(Problem::new(Kind::Conflict, detail).and("/hardware_id", "is taken"))
}
