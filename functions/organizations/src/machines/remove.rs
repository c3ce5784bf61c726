//! DELETE /v1/orgs/{org}/machines/{machine}: remove a machine.

use super::settings;
use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::{MachineId, OrgId, Permission};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// Remove a machine: the next request of its sessions fails, and its role gets no more.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/machines/{machine}", operation_id = "removeMachine", tag = "organizations",
    params(("org" = OrgId, Path), ("machine" = MachineId, Path)),
    responses((status = 204, description = "Removed"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, MachineId)>,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::MachineManage)?)?;
    let gone = || Problem::not_found("machine");
    let machine = app.directory.machine(org, id).await?.ok_or_else(gone)?;
    let event = Event {
        action: "machine.removed",
        resource: id.to_string(),
        before: Some(settings(&machine)),
        after: None,
    };
    match app
        .directory
        .remove_machine(&table, Change::told(event), &machine)
        .await
    {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(gone()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
