//! GET /v1/orgs/{org}/api-keys/{key}: one key, without its secret.

use super::{ApiKeyView, existing};
use crate::App;
use axum::extract::State;
use domain::{KeyId, OrgId, Permission};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get an API key, without its secret.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/api-keys/{key}", operation_id = "getApiKey", tag = "organizations",
    params(("org" = OrgId, Path), ("key" = KeyId, Path)),
    responses((status = 200, body = ApiKeyView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, key)): Path<(OrgId, KeyId)>,
) -> Result<Versioned<ApiKeyView>, Problem> {
    caller.require(org, Permission::KeyManage)?;
    let key = existing(&app, org, key).await?;
    let used = app.directory.key_uses(&[key.id]).await?.remove(&key.id);
    Ok(Versioned(key.version, ApiKeyView::used(key, used)))
}
