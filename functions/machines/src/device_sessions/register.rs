//! First contact: a device that its project does not know registers itself, where the project lets it.

use super::create::Shown;
use crate::App;
use aws_dynamodb::{Change, Refused};
use domain::access::Rights;
use domain::access::decision::Act;
use domain::fleet::{Device, SELF_REGISTERED, SilentAfter};
use domain::journal::{Event, Origin};
use domain::organization::Organization;
use domain::text::Name;
use domain::{Caller, DeviceId, Permission, Principal, ServiceError};
use http_api::{Kind, Problem};
use serde_json::json;

/// The device of that hardware id, registered if need be. However many first contacts of one device there are at one time, one registers it and
/// the others find it: its hardware id is claimed in the transaction that makes it.
pub async fn first_contact(
    app: &App,
    shown: &Shown,
    hardware_id: u32,
    name: Option<Name>,
) -> Result<DeviceId, Problem> {
    if let Some(known) = shown.table.device_with_hardware(hardware_id).await? {
        return Ok(known);
    }
    if !shown.project.self_registration {
        return Err(closed());
    }
    let device = device(app, shown, hardware_id, name)?;
    admit(app, &shown.org, device.id).await?;
    match shown
        .table
        .self_register_device(Change::told(told(&device)), &device)
        .await
    {
        Ok(()) => Ok(device.id),
        Err(Refused::Write(0)) => {
            let known = shown.table.device_with_hardware(hardware_id).await?;
            known.ok_or_else(|| ServiceError::Conflict.into())
        }
        Err(Refused::Write(_)) => Err(not_taken(shown).await?),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

/// Refuses while maintenance, or the organisation's state, lets a device change nothing.
async fn admit(app: &App, org: &Organization, device: DeviceId) -> Result<(), Problem> {
    let maintenance = app.directory.maintenance().await?.map(Into::into).unwrap_or_default();
    let device = Caller::arriving(Principal::Device(device), org, Rights::Device, Origin::default());
    let device = Caller { maintenance, ..device }.admit(Act::Change)?;
    device.require(org.id, Permission::DeviceSelf)?;
    Ok(())
}

fn device(app: &App, shown: &Shown, hardware_id: u32, name: Option<Name>) -> Result<Device, Problem> {
    let own = || Name::parse(&format!("Device {hardware_id}")).map_err(Problem::internal);
    Ok(Device {
        id: app.source.id(),
        project: shown.project.id,
        name: name.map_or_else(own, Ok)?,
        hardware_id,
        enabled: true,
        silent_after: SilentAfter::default(),
        version: 1,
        created_at: app.source.now(),
    })
}

/// What the journal tells, whose actor is the project: nobody else showed who they are.
fn told(device: &Device) -> Event {
    Event {
        action: "device.registered_itself",
        resource: device.id.to_string(),
        before: None,
        after: Some(json!({
            "name": device.name, "hardware_id": device.hardware_id, "project": device.project,
            "enabled": device.enabled, "silent_after": device.silent_after,
        })),
    }
}

/// Why a project did not take a device: it has been closed meanwhile, or it is full.
async fn not_taken(shown: &Shown) -> Result<Problem, Problem> {
    let project = shown.table.project(shown.project.id).await?;
    Ok(match project.filter(|project| project.self_registration) {
        None => closed(),
        Some(_) => {
            let detail = format!(
                "The project has {SELF_REGISTERED} devices, and none registers itself beyond that: register it by hand, or make another project."
            );
            Problem::new(Kind::Conflict, detail)
        }
    })
}

fn closed() -> Problem {
    let detail = "There is no device with this hardware id in the project, and its devices do not register themselves (`self_registration`).";
    Problem::new(Kind::NotFound, detail)
}
