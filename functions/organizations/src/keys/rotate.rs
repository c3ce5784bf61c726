//! POST /v1/orgs/{org}/api-keys/{key}/rotation: give an API key a new secret.

use super::create::CreatedApiKey;
use super::{ApiKeyView, existing};
use crate::App;
use aws_dynamodb::{ApiKey, Change, OrgTable, Refused, StoredKey};
use axum::extract::State;
use domain::credential::{FormerSecret, Overlap, Token};
use domain::journal::Event;
use domain::{Caller, KeyId, OrgId, Permission};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use serde::Deserialize;
use serde_json::json;

/// How a key is rotated.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// For how many seconds the old secret stays good beside the new one; not at all, unless said.
    #[serde(default)]
    overlap_seconds: Overlap,
}

/// Give an API key a new secret. The old one stays good until the overlap ends; one from an earlier rotation ends now. Revoking the key ends them all.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/api-keys/{key}/rotation", operation_id = "rotateApiKey", tag = "organizations",
    params(("org" = OrgId, Path), ("key" = KeyId, Path), IdempotencyKeyHeader), request_body = KeyRotation,
    responses((status = 201, body = CreatedApiKey), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, key)): Path<(OrgId, KeyId)>,
    OnceJson(once, body): OnceJson<KeyRotation>,
) -> Result<Answered<Created<Json<CreatedApiKey>>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::KeyManage)?)?;
    let work = rotate(&app, &table, &caller, &once, (key, body.overlap_seconds));
    once.run(&app.directory, app.source.now(), work).await
}

async fn rotate(
    app: &App,
    table: &OrgTable,
    caller: &Caller,
    once: &Once,
    (id, overlap): (KeyId, Overlap),
) -> Result<Created<Json<CreatedApiKey>>, Problem> {
    let (old, stored) = both(app, table.org(), id).await?;
    // The secret goes to whoever asks: they get no more by it than they hold.
    caller.may_give(table.org(), old.scopes.iter().copied())?;
    let (now, used) = (app.source.now(), stored.last_used_at);
    let token = Token::api_key(id, &app.source);
    let stored = StoredKey {
        former: FormerSecret::of(stored.hash, overlap, now),
        hash: token.hash(),
        ..stored
    };
    let new = ApiKey {
        former_until: stored.former.as_ref().map(|former| former.until),
        version: old.version + 1,
        ..old
    };
    let event = Event {
        action: "api_key.rotated",
        resource: id.to_string(),
        before: None,
        after: Some(json!({ "former_secret_until": new.former_until })),
    };
    let answer = |token: Option<&Token>| Created {
        location: Some(format!("/v1/orgs/{}/api-keys/{id}", table.org())),
        body: Json(CreatedApiKey::new(ApiKeyView::used(new.clone(), used), token)),
    };
    let record = once.record(&answer(None), now)?;
    let change = app.directory.remember(Change::told(event), record)?;
    match app.directory.update_key(table, change, &new, &stored).await {
        Ok(()) => Ok(answer(Some(&token))),
        Err(Refused::Write(_)) => Err(changed_meanwhile()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

/// A key as its organisation sees it and as the authorizer does.
async fn both(app: &App, org: OrgId, id: KeyId) -> Result<(ApiKey, StoredKey), Problem> {
    let key = existing(app, org, id).await?;
    let stored = app.directory.stored_key(id).await?;
    Ok((key, stored.ok_or_else(|| Problem::not_found("API key"))?))
}

fn changed_meanwhile() -> Problem {
    let detail =
        "Somebody changed, rotated or revoked the key at the same moment: look at it, then rotate it if need be.";
    Problem::new(Kind::Conflict, detail)
}
