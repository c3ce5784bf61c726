//! POST /v1/device-sessions: a session for a device that shows its project's token.

use super::register::first_contact;
use super::{DeviceSessionView, granted};
use crate::App;
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::credential::{Token, TokenKind};
use domain::fleet::Project;
use domain::organization::Organization;
use domain::session::Series;
use domain::text::Name;
use domain::{DeviceId, Grant, SeriesId};
use http_api::{Created, Json, Kind, Problem, Refusals, Requested};
use jiff::Timestamp;
use serde::Deserialize;

/// Who asks: a device by its id or by its hardware id.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeviceSession {
    /// The token that the project was created with, or that it was rotated to.
    #[schema(pattern = "^mwp_[0-9A-HJKMNP-TV-Z]{91}$")]
    project_token: String,
    /// The device's id; this or `hardware_id`.
    device: Option<DeviceId>,
    /// The number burnt into the device. One that the project does not know is registered, where the project lets devices register themselves.
    hardware_id: Option<u32>,
    /// What a device is called that registers itself; `Device` and its hardware id, unless said.
    name: Option<Name>,
}

/// Which device.
enum Wanted {
    Id(DeviceId),
    Hardware(u32, Option<Name>),
}

/// Whoever showed a good token: the project's table, the project, and its series of sessions, read before it.
pub struct Shown {
    pub org: Organization,
    pub table: OrgTable,
    pub project: Project,
    pub series: Option<SeriesId>,
}

/// Get a session for a device, with its project's token. It is good for an hour and reaches that device's own routes under `/v1/device`.
#[utoipa::path(
    post, path = "/v1/device-sessions", operation_id = "createDeviceSession", tag = "machines", request_body = NewDeviceSession,
    responses((status = 201, body = DeviceSessionView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    requested: Requested,
    Json(body): Json<NewDeviceSession>,
) -> Result<Created<Json<DeviceSessionView>>, Problem> {
    let wanted = body.wanted()?;
    let shown = shown(&app, requested, &body.project_token, app.source.now()).await?;
    let id = match wanted {
        Wanted::Id(id) => id,
        Wanted::Hardware(number, name) => first_contact(&app, &shown, number, name).await?,
    };
    // Before the device: should it be deleted or its sessions be ended meanwhile, this one is of the series that is over.
    let of_device = app.directory.series(id).await?;
    let device = shown.table.device(id).await?;
    device
        .filter(|device| device.project == shown.project.id)
        .ok_or_else(unknown)?;
    let series = Series {
        project: shown.project.id,
        of_device,
        of_project: shown.series,
    };
    granted(&app, shown.table.org(), id, series).await
}

impl NewDeviceSession {
    fn wanted(&self) -> Result<Wanted, Problem> {
        match (self.device, self.hardware_id, &self.name) {
            (Some(id), None, None) => Ok(Wanted::Id(id)),
            (None, Some(number), name) => Ok(Wanted::Hardware(number, name.clone())),
            (Some(_), None, Some(_)) => Err(Problem::field(
                "/name",
                "goes with hardware_id: the device of that id has one",
            )),
            _ => Err(Problem::field(
                "/device",
                "must say which device: either this or hardware_id",
            )),
        }
    }
}

/// Checks a project's token. That there is no such organisation or project, and that the secret is another, are one answer.
async fn shown(app: &App, requested: Requested, text: &str, now: Timestamp) -> Result<Shown, Problem> {
    let token = Token::parse(TokenKind::Project, text).map_err(|_| no_good())?;
    let (org, id) = (token.id(0), token.id(1));
    let series = app.directory.series(id).await?;
    let org = app.directory.organization(org).await?.ok_or_else(no_good)?;
    let origin = requested.origin(org.machine_key.as_ref());
    let grant = Grant::for_project(org.id, id, org.status, org.table.clone()).requested_from(origin);
    let table = app.tables.open(&grant).map_err(|_| no_good())?;
    let project = table
        .project(id)
        .await?
        .filter(|project| project.opens(&token.hash(), now));
    let project = project.ok_or_else(no_good)?;
    Ok(Shown {
        org,
        table,
        project,
        series,
    })
}

fn no_good() -> Problem {
    Problem::new(Kind::Unauthorized, "The project token is not, or no longer, good.")
}

fn unknown() -> Problem {
    Problem::not_found("device in this project")
}
