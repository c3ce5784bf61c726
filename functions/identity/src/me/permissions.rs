//! GET /v1/me/permissions?org=: what one may do in an organisation.

use domain::maintenance::Maintenance;
use domain::organization::OrgStatus;
use domain::{Caller, Denied, OrgId, Permission, Role};
use http_api::{Authenticated, Json, Problem, Query, Refusals};
use serde::{Deserialize, Serialize};

/// Of which organisation.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// An organisation that you have a place in.
    org: OrgId,
}

/// What a caller may do in an organisation, at this moment.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PermissionsView {
    org: OrgId,
    /// The organisation's state: in some, not all that you hold can be used.
    status: OrgStatus,
    /// Who you are here: a person, an API key, a machine or a device.
    principal: String,
    /// Your role; null for programs and devices.
    role: Option<Role>,
    /// What was given to you by name: beyond a person's role, or a program's scopes.
    given: Vec<Permission>,
    /// Everything that you hold.
    permissions: Vec<HeldView>,
    /// Maintenance, the stricter of the organisation's own and the deployment's.
    maintenance: Maintenance,
}

/// One permission, and whether it can be used at present.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldView {
    permission: Permission,
    at_present: AtPresent,
}

/// For which requests: `all`, `reads` (GET alone) or `nothing`.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtPresent {
    All,
    Reads,
    Nothing,
}

/// Get what you may do in an organisation at present, as a person, an API key or a machine. During maintenance that keeps you out altogether
/// the answer is its 503.
#[utoipa::path(
    get, path = "/v1/me/permissions", operation_id = "getMyPermissions", tag = "identity", params(Of),
    responses((status = 200, body = PermissionsView), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    Query(Of { org }): Query<Of>,
) -> Result<Json<PermissionsView>, Problem> {
    Ok(Json(view(&caller, org)?))
}

fn view(caller: &Caller, org: OrgId) -> Result<PermissionsView, Denied> {
    let held = caller.permissions(org)?.into_iter();
    let place = caller.membership.as_ref().ok_or(Denied::NotFound)?;
    let (role, given) = place.rights.named();
    Ok(PermissionsView {
        org,
        status: place.status,
        principal: caller.principal.to_string(),
        role,
        given,
        permissions: held.map(Into::into).collect(),
        maintenance: place.maintenance.clone().stricter(caller.maintenance.clone()),
    })
}

impl From<(Permission, bool, bool)> for HeldView {
    fn from((permission, reads, changes): (Permission, bool, bool)) -> Self {
        let at_present = match (reads, changes) {
            (_, true) => AtPresent::All,
            (true, false) => AtPresent::Reads,
            (false, false) => AtPresent::Nothing,
        };
        Self { permission, at_present }
    }
}
