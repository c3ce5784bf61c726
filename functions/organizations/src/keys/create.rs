//! POST /v1/orgs/{org}/api-keys: make an API key.

use super::ApiKeyView;
use crate::App;
use aws_dynamodb::{ApiKey, Change, OrgTable, StoredKey};
use axum::extract::State;
use domain::credential::Token;
use domain::journal::Event;
use domain::text::Name;
use domain::{OrgId, Permission, ServiceError, Source};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Once, OnceJson, Path, Problem, Refusals, SHOWN_ONCE,
};
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
    /// Send it as the `x-api-key` header. Missing in a replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
    /// In a replay: what to do without the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notice: Option<&'static str>,
}

/// Make an API key.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/api-keys", operation_id = "createApiKey", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewApiKey,
    responses((status = 201, body = CreatedApiKey), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewApiKey>,
) -> Result<Answered<Created<Json<CreatedApiKey>>>, Problem> {
    let grant = caller.require(org, Permission::KeyManage)?;
    let table = app.tables.open(&grant)?;
    once.run(
        &app.directory,
        app.source.now(),
        create(&app, &table, grant.actor(), &once, body),
    )
    .await
}

async fn create(
    app: &App,
    table: &OrgTable,
    actor: &str,
    once: &Once,
    body: NewApiKey,
) -> Result<Created<Json<CreatedApiKey>>, Problem> {
    let now = app.source.now();
    let (key, stored, token) = mint(checked(body, now)?, table.org(), actor, &app.source);
    let event = Event {
        action: "api_key.created",
        resource: key.id.to_string(),
        before: None,
        after: Some(json!({ "name": key.name, "scopes": key.scopes, "expires_at": key.expires })),
    };
    let answer = |token: Option<&Token>| Created {
        location: None,
        body: Json(CreatedApiKey {
            key: key.clone().into(),
            secret: token.map(|token| token.reveal().to_owned()),
            notice: token.is_none().then_some(SHOWN_ONCE),
        }),
    };
    let record = once.record(&answer(None), now)?;
    let change = app.directory.remember(Change::told(event), record)?;
    app.directory
        .create_key(table, change, &key, &stored)
        .await
        .map_err(ServiceError::from)?;
    Ok(answer(Some(&token)))
}

/// The key as its organisation sees it, as the authorizer needs it, and its secret.
fn mint(body: NewApiKey, org: OrgId, actor: &str, source: &Source) -> (ApiKey, StoredKey, Token) {
    let NewApiKey {
        name,
        scopes,
        expires_at: expires,
    } = body;
    let (id, created_by) = (source.id(), actor.to_owned());
    let token = Token::api_key(id, source);
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
        created_by,
        created_at: source.now(),
    };
    (key, stored, token)
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
