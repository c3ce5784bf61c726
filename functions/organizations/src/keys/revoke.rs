//! DELETE /v1/orgs/{org}/api-keys/{key}: revoke an API key.

use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::{KeyId, OrgId, Permission};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};

/// Revoke an API key: its next request fails.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/api-keys/{key}", operation_id = "revokeApiKey", tag = "organizations",
    params(("org" = OrgId, Path), ("key" = KeyId, Path)),
    responses((status = 204, description = "Revoked"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, key)): Path<(OrgId, KeyId)>,
) -> Result<NoContent, Problem> {
    let grant = caller.require(org, Permission::KeyManage)?;
    let table = app.tables.open(&grant)?;
    let event = Event {
        action: "api_key.revoked",
        resource: key.to_string(),
        before: None,
        after: None,
    };
    match app.directory.revoke_key(&table, Change::told(event), key).await {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(Problem::not_found("API key")),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
