//! GET /v1/me: oneself and one's organisations.

use crate::App;
use crate::accounts::AccountView;
use axum::extract::State;
use domain::organization::{OrgStatus, Organization};
use domain::text::Name;
use domain::{OrgId, Role};
use http_api::{Authenticated, Json, Problem, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// Oneself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MeView {
    #[serde(flatten)]
    account: AccountView,
    created_at: Timestamp,
    organizations: Vec<PlaceView>,
}

/// A place in an organisation.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PlaceView {
    id: OrgId,
    name: Name,
    status: OrgStatus,
    role: Role,
}

impl From<(Organization, Role)> for PlaceView {
    fn from((org, role): (Organization, Role)) -> Self {
        Self {
            id: org.id,
            name: org.name,
            status: org.status,
            role,
        }
    }
}

/// Get your account and the organisations you belong to.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "getMe", tag = "identity",
    responses((status = 200, body = MeView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(Authenticated(caller): Authenticated, State(app): State<App>) -> Result<Json<MeView>, Problem> {
    let person = caller.person()?;
    let user = app
        .directory
        .user(person)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;
    let places = app.directory.organizations_of(person).await?.into_iter();
    let organizations = places
        .filter(|(org, _)| org.status != OrgStatus::Deleted)
        .map(Into::into)
        .collect();
    let created_at = user.created_at;
    Ok(Json(MeView {
        account: user.into(),
        created_at,
        organizations,
    }))
}
