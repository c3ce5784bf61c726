//! POST /v1/m2m/sessions: a session for a machine that signs with its role.

use super::signed::Signed;
use crate::App;
use axum::extract::State;
use domain::organization::OrgStatus;
use domain::session::{Holder, MACHINE_SESSION, Session};
use domain::{MachineId, OrgId, Permission};
use http_api::{Created, Json, Kind, Problem, Refusals};
use serde::{Deserialize, Serialize};

/// Where a machine wants to work.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMachineSession {
    org: OrgId,
}

/// A machine's session.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MachineSessionView {
    /// Send it as `authorization: Bearer ...`. A secret.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// For how many seconds it is good: 900.
    expires_in: i64,
    machine: MachineId,
    org: OrgId,
    /// What it may do; what the organisation changes counts at once.
    scopes: Vec<Permission>,
}

/// Exchange a signature by a role that the organisation has registered for a session of 15 minutes on its routes. Sign with AWS Signature Version 4
/// for the service `execute-api`.
#[utoipa::path(
    post, path = "/v1/m2m/sessions", operation_id = "createMachineSession", tag = "machines", request_body = NewMachineSession,
    responses((status = 201, body = MachineSessionView), Refusals),
    security(("aws_sigv4" = [])),
)]
pub async fn handler(
    Signed(role): Signed,
    State(app): State<App>,
    Json(body): Json<NewMachineSession>,
) -> Result<Created<Json<MachineSessionView>>, Problem> {
    if !app.accounts.contains(&role.account) {
        return Err(not_registered());
    }
    let org = app.directory.organization(body.org).await?;
    let org = org
        .filter(|org| org.status == OrgStatus::Active)
        .ok_or_else(not_registered)?;
    let machine = app
        .directory
        .machine_of(org.id, &role)
        .await?
        .ok_or_else(not_registered)?;
    let session = Session {
        holder: Holder::Machine(machine.id),
        org: org.id,
    };
    let minted = app.granter.grant(&session, app.source.now(), MACHINE_SESSION).await?;
    let view = MachineSessionView {
        access_token: minted.token,
        token_type: "Bearer",
        expires_in: minted.expires_in,
        machine: machine.id,
        org: org.id,
        scopes: machine.scopes,
    };
    Ok(Created {
        location: None,
        body: Json(view),
    })
}

/// One answer, whether it is the account, the organisation or the role: which of them exist is not for strangers to know.
fn not_registered() -> Problem {
    let detail = "No such organisation in use has registered this role, or this deployment does not admit its account.";
    Problem::new(Kind::Forbidden, detail)
}
