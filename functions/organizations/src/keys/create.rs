//! POST /v1/orgs/{org}/api-keys: make an API key.

use super::{ApiKeyView, future, terms};
use crate::App;
use crate::scopes::given;
use aws_dynamodb::{ApiKey, Change, OrgTable, StoredKey};
use axum::extract::State;
use domain::credential::Token;
use domain::journal::Event;
use domain::networks::SourceNetworks;
use domain::text::Name;
use domain::{Caller, OrgId, Permission, ServiceError, Source};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Once, OnceJson, Path, Problem, Refusals, SHOWN_ONCE,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A new key.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    name: Name,
    /// What it may do: `org.read`, `task.read`, `fleet.read`, `fleet.write`, `telemetry.read`, `telemetry.write`.
    #[schema(min_items = 1, max_items = 6)]
    scopes: Vec<Permission>,
    /// Where it may be used from; everywhere, unless said.
    #[serde(default)]
    networks: SourceNetworks,
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
    let table = app.tables.open(&caller.require(org, Permission::KeyManage)?)?;
    let work = create(&app, &table, &caller, &once, body);
    once.run(&app.directory, app.source.now(), work).await
}

async fn create(
    app: &App,
    table: &OrgTable,
    caller: &Caller,
    once: &Once,
    body: NewApiKey,
) -> Result<Created<Json<CreatedApiKey>>, Problem> {
    let now = app.source.now();
    let body = NewApiKey {
        scopes: given(caller, table.org(), body.scopes)?,
        expires_at: future(body.expires_at, now)?,
        ..body
    };
    let (key, stored, token) = mint(body, table.org(), caller, &app.source);
    let event = Event {
        action: "api_key.created",
        resource: key.id.to_string(),
        before: None,
        after: Some(terms(&key)),
    };
    let answer = |token: Option<&Token>| Created {
        location: Some(format!("/v1/orgs/{}/api-keys/{}", table.org(), key.id)),
        body: Json(CreatedApiKey::new(ApiKeyView::used(key.clone(), None), token)),
    };
    app.directory.ensure_machine_key(table.org(), &app.source).await?;
    let record = once.record(&answer(None), now)?;
    let change = app.directory.remember(Change::told(event), record)?;
    app.directory
        .create_key(table, change, &key, &stored)
        .await
        .map_err(ServiceError::from)?;
    Ok(answer(Some(&token)))
}

impl CreatedApiKey {
    /// A key with its new secret, or without it in a replay.
    pub fn new(key: ApiKeyView, token: Option<&Token>) -> Self {
        Self {
            key,
            secret: token.map(|token| token.reveal().to_owned()),
            notice: token.is_none().then_some(SHOWN_ONCE),
        }
    }
}

/// The key as its organisation sees it, as the authorizer needs it, and its secret.
fn mint(body: NewApiKey, org: OrgId, caller: &Caller, source: &Source) -> (ApiKey, StoredKey, Token) {
    let id = source.id();
    let token = Token::api_key(id, source);
    let stored = StoredKey {
        org,
        hash: token.hash(),
        former: None,
        scopes: body.scopes.clone(),
        expires: body.expires_at,
        networks: body.networks.clone(),
        last_used_at: None,
    };
    let key = ApiKey {
        id,
        name: body.name,
        scopes: body.scopes,
        expires: body.expires_at,
        networks: body.networks,
        former_until: None,
        created_by: caller.principal.to_string(),
        created_at: source.now(),
        version: 1,
    };
    (key, stored, token)
}
