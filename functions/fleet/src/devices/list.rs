//! GET /v1/orgs/{org}/projects/{project}/devices: the devices of a project.

use super::DeviceView;
use crate::App;
use crate::projects;
use axum::extract::State;
use domain::{OrgId, Permission, ProjectId};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the devices of a project, in order of creation.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects/{project}/devices", operation_id = "listDevices", tag = "fleet",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), Paging),
    responses((status = 200, body = Page<DeviceView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<DeviceView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::FleetRead)?)?;
    projects::existing(&table, project).await?;
    let after = Cursor::parse(paging.cursor)?;
    let (devices, next) = table.devices(project, after, paging.limit.get()).await?;
    let now = app.source.now();
    let devices = devices.into_iter();
    let views: Vec<_> = devices
        .map(|(device, watch)| DeviceView::at(now, device, &watch))
        .collect();
    Ok(Json(Page::new(views, next)))
}
