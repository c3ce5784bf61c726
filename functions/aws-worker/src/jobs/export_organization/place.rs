//! The walk through an organisation: where it is, and what comes next.

use super::{Export, readings};
use aws_dynamodb::Stream;
use domain::fleet::{Device, Project};
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, EventId, ProjectId, ServiceError, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Rows that are read together.
const PAGE: usize = 500;

/// Where the walk is: what is written next. Below a project come its devices, below a device its streams and
/// then its events, below a stream its readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// The organisation itself.
    Organization,
    /// Its members, after that one.
    Members(Option<UserId>),
    /// Its projects, after that one.
    Projects(Option<ProjectId>),
    /// A project's devices, after that one.
    Devices(ProjectId, Option<DeviceId>),
    /// A device's streams, after that one.
    Streams(ProjectId, DeviceId, Option<VariableName>),
    /// A stream's readings, from that time on.
    Readings(ProjectId, DeviceId, VariableName, i64),
    /// A device's events, after that one.
    Events(ProjectId, DeviceId, Option<EventId>),
    /// The journal, after that entry.
    Journal(u64),
    /// Nothing more.
    End,
}

/// Lines of one type, and where the walk goes on.
pub(super) struct Lines {
    pub text: String,
    pub counts: (&'static str, u64),
    pub next: Place,
}

impl Place {
    /// About how far it is: nobody knows how many readings there are.
    pub(super) fn percent(&self) -> u8 {
        match self {
            Self::Organization | Self::Members(_) => 1,
            Self::Projects(_) | Self::Devices(..) | Self::Streams(..) | Self::Readings(..) | Self::Events(..) => 50,
            Self::Journal(_) | Self::End => 90,
        }
    }
}

/// Writes what comes next.
pub(super) async fn advance(export: &Export<'_>, place: &Place) -> Result<Lines, ServiceError> {
    match place {
        Place::Organization => organization(export).await,
        Place::Members(after) => members(export, *after).await,
        Place::Projects(after) => projects(export, *after).await,
        Place::Devices(project, after) => devices(export, *project, *after).await,
        Place::Streams(project, device, after) => streams(export, (*project, *device), after.as_ref()).await,
        Place::Readings(project, device, variable, from) => {
            let (text, count, from) = readings::from(&export.table, *device, variable, *from).await?;
            let next = match from {
                Some(from) => Place::Readings(*project, *device, variable.clone(), from),
                None => Place::Streams(*project, *device, Some(variable.clone())),
            };
            let counts = ("reading", count);
            Ok(Lines { text, counts, next })
        }
        Place::Events(project, device, after) => events(export, (*project, *device), *after).await,
        Place::Journal(after) => journal(export, *after).await,
        Place::End => Ok(lines("end", [], Place::End)),
    }
}

async fn organization(export: &Export<'_>) -> Result<Lines, ServiceError> {
    let org = &export.org;
    let metadata = export.app.directory.profile(org.id).await?.metadata;
    let line = json!({ "id": org.id, "name": org.name, "created_at": org.created_at, "metadata": metadata });
    Ok(lines("organization", [line], Place::Members(None)))
}

async fn members(export: &Export<'_>, after: Option<UserId>) -> Result<Lines, ServiceError> {
    let (members, next) = export.app.directory.members(export.org.id, after, PAGE).await?;
    let members = members
        .iter()
        .map(|member| json!({ "user": member.user, "role": member.role, "since": member.since }));
    let next = next.map_or(Place::Projects(None), |last| Place::Members(Some(last)));
    Ok(lines("member", members, next))
}

async fn projects(export: &Export<'_>, after: Option<ProjectId>) -> Result<Lines, ServiceError> {
    let (projects, _) = export.table.projects(after, 1).await?;
    let next = projects
        .first()
        .map_or(Place::Journal(0), |project| Place::Devices(project.id, None));
    Ok(lines("project", projects.iter().map(project), next))
}

async fn devices(export: &Export<'_>, project: ProjectId, after: Option<DeviceId>) -> Result<Lines, ServiceError> {
    let (devices, more) = export.table.devices(project, after, 1).await?;
    let next = match (devices.first(), more) {
        (Some((device, _)), _) => Place::Streams(project, device.id, None),
        // One that was deleted just now.
        (None, Some(gone)) => Place::Devices(project, Some(gone)),
        (None, None) => Place::Projects(Some(project)),
    };
    Ok(lines("device", devices.iter().map(|(found, _)| device(found)), next))
}

async fn streams(
    export: &Export<'_>,
    (project, device): (ProjectId, DeviceId),
    after: Option<&VariableName>,
) -> Result<Lines, ServiceError> {
    let (streams, _) = export.table.streams(device, after, 1).await?;
    let Some(found) = streams.first() else {
        return Ok(lines("stream", [], Place::Events(project, device, None)));
    };
    let settings = export.table.stream_settings(device, &found.variable).await?;
    let next = match settings.as_ref().and_then(|settings| settings.formula.as_ref()) {
        // It has its formula, and nothing is stored of it.
        Some(_) => Place::Streams(project, device, Some(found.variable.clone())),
        None => Place::Readings(project, device, found.variable.clone(), 0),
    };
    Ok(lines("stream", [stream(device, found, settings.as_ref())], next))
}

async fn events(
    export: &Export<'_>,
    (project, device): (ProjectId, DeviceId),
    after: Option<EventId>,
) -> Result<Lines, ServiceError> {
    let (text, count, next) = super::events::after(export, device, after).await?;
    let next = match next {
        Some(last) => Place::Events(project, device, Some(last)),
        None => Place::Devices(project, Some(device)),
    };
    let counts = ("event", count);
    Ok(Lines { text, counts, next })
}

async fn journal(export: &Export<'_>, after: u64) -> Result<Lines, ServiceError> {
    let entries = export.table.journal_after(after, PAGE).await?;
    let next = entries
        .last()
        .map_or(Place::End, |entry| Place::Journal(entry.sequence));
    let entries = entries.iter().map(|entry| json!({ "entry": entry }));
    Ok(lines("journal_entry", entries, next))
}

fn project(project: &Project) -> Value {
    json!({ "id": project.id, "name": project.name, "created_at": project.created_at })
}

fn device(device: &Device) -> Value {
    json!({
        "id": device.id, "project": device.project, "name": device.name, "hardware_id": device.hardware_id,
        "enabled": device.enabled, "silent_after": device.silent_after, "created_at": device.created_at,
    })
}

fn stream(device: DeviceId, stream: &Stream, settings: Option<&StreamSettings>) -> Value {
    json!({ "device": device, "variable": stream.variable, "created_at": stream.created_at, "settings": settings })
}

/// Lines of a type.
fn lines(kind: &'static str, rows: impl IntoIterator<Item = Value>, next: Place) -> Lines {
    let (mut text, mut count) = (String::new(), 0);
    for mut row in rows {
        row["type"] = json!(kind);
        text.push_str(&row.to_string());
        text.push('\n');
        count += 1;
    }
    let counts = (kind, count);
    Lines { text, counts, next }
}
