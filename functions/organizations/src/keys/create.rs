//! POST /v1/orgs/{org}/api-keys: make an API key.

use super::ApiKeyView;
use crate::App;
use aws_dynamodb::{ApiKey, Change, StoredKey};
use axum::extract::State;
use domain::credential::Token;
use domain::journal::Event;
use domain::text::Name;
use domain::{OrgId, Permission, ServiceError};
use http_api::{Authenticated, Created, Json, Path, Problem, Refusals};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A new key.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    name: Name,
    /// What it may do: `org.read`, `task.read`, `fleet.read`, `fleet.write`, `telemetry.read`, `telemetry.write`.
    #[schema(min_items = 1, max_items = 6)]
    scopes: Vec<Permission>,
    /// When it ends; never, unless said.
    expires_at: Option<Timestamp>,
}

/// A new key with its secret, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreatedApiKey {
    #[serde(flatten)]
    key: ApiKeyView,
    /// Send it as the `x-api-key` header.
    secret: String,
}

/// Make an API key.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/api-keys", operation_id = "createApiKey", tag = "organizations",
    params(("org" = OrgId, Path)), request_body = NewApiKey,
    responses((status = 201, body = CreatedApiKey), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Json(body): Json<NewApiKey>,
) -> Result<Created<Json<CreatedApiKey>>, Problem> {
    let grant = caller.require(org, Permission::KeyManage)?;
    let table = app.tables.open(&grant)?;
    let now = app.source.now();
    let body = checked(body, now)?;
    let id = app.source.id();
    let token = Token::api_key(id, &app.source);
    let NewApiKey {
        name,
        scopes,
        expires_at: expires,
    } = body;
    let stored = StoredKey {
        org,
        hash: token.hash(),
        scopes: scopes.clone(),
        expires,
    };
    let key = ApiKey {
        id,
        name,
        scopes,
        expires,
        created_by: grant.actor().to_owned(),
        created_at: now,
    };
    let after = json!({ "name": key.name, "scopes": key.scopes, "expires_at": key.expires });
    let event = Event {
        action: "api_key.created",
        resource: id.to_string(),
        before: None,
        after: Some(after),
    };
    app.directory
        .create_key(&table, Change::told(event), &key, &stored)
        .await
        .map_err(ServiceError::from)?;
    let body = CreatedApiKey {
        key: key.into(),
        secret: token.reveal().to_owned(),
    };
    Ok(Created {
        location: None,
        body: Json(body),
    })
}

fn checked(mut body: NewApiKey, now: Timestamp) -> Result<NewApiKey, Problem> {
    if let Some(place) = body
        .scopes
        .iter()
        .position(|scope| !Permission::FOR_KEYS.contains(scope))
    {
        let names: Vec<_> = Permission::FOR_KEYS.iter().map(|scope| scope.as_str()).collect();
        return Err(Problem::field(
            format!("/scopes/{place}"),
            format!("a key can have: {}", names.join(", ")),
        ));
    }
    body.scopes.sort_unstable_by_key(|scope| scope.as_str());
    body.scopes.dedup();
    if body.scopes.is_empty() {
        return Err(Problem::field("/scopes", "must name at least one scope"));
    }
    if body.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::field("/expires_at", "must be in the future"));
    }
    Ok(body)
}
