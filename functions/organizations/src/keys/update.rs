//! PATCH /v1/orgs/{org}/api-keys/{key}: change what an API key may do, from where, and for how long.

use super::{ApiKeyView, existing, future, terms};
use crate::App;
use crate::scopes::given;
use aws_dynamodb::{ApiKey, Change, Refused, StoredKey};
use axum::extract::State;
use domain::journal::Event;
use domain::networks::SourceNetworks;
use domain::text::Name;
use domain::{Caller, KeyId, OrgId, Permission};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned, named};
use jiff::Timestamp;
use serde::Deserialize;

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyChanges {
    name: Option<Name>,
    /// What it may do from now on. Whoever changes a key must hold each scope that it has then.
    #[schema(min_items = 1, max_items = 6)]
    scopes: Option<Vec<Permission>>,
    /// Where it may be used from; an empty list for everywhere.
    networks: Option<SourceNetworks>,
    /// When it ends; `null` for never.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Option<Timestamp>>,
}

impl ApiKeyChanges {
    fn applied_to(self, old: &ApiKey, caller: &Caller, org: OrgId, now: Timestamp) -> Result<ApiKey, Problem> {
        let Self {
            name,
            scopes,
            networks,
            expires_at,
        } = self;
        if name.is_none() && scopes.is_none() && networks.is_none() && expires_at.is_none() {
            return Err(Problem::field(
                "",
                "must say a name, scopes, networks or expires_at to change",
            ));
        }
        let scopes = match scopes {
            Some(scopes) => given(caller, org, scopes)?,
            // Whatever changes, the key goes on under the hand of whoever changes it.
            None => {
                caller.may_give(org, old.scopes.iter().copied())?;
                old.scopes.clone()
            }
        };
        Ok(ApiKey {
            name: name.unwrap_or_else(|| old.name.clone()),
            scopes,
            networks: networks.unwrap_or_else(|| old.networks.clone()),
            expires: expires_at.map_or(Ok(old.expires), |end| future(end, now))?,
            version: old.version + 1,
            ..old.clone()
        })
    }
}

/// Change an API key's name, scopes, networks or end. It counts from its next request on.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/api-keys/{key}", operation_id = "updateApiKey", tag = "organizations",
    params(("org" = OrgId, Path), ("key" = KeyId, Path), ("if-match" = String, Header)), request_body = ApiKeyChanges,
    responses(
        (status = 200, body = ApiKeyView),
        (status = 412, description = "The key has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, KeyId)>,
    version: IfMatch,
    Json(body): Json<ApiKeyChanges>,
) -> Result<Versioned<ApiKeyView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::KeyManage)?)?;
    let old = existing(&app, org, id).await?;
    version.must_be(old.version)?;
    let new = body.applied_to(&old, &caller, org, app.source.now())?;
    let stored = app.directory.stored_key(id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("API key"))?;
    let used = stored.last_used_at;
    let event = Event {
        action: "api_key.updated",
        resource: id.to_string(),
        before: Some(terms(&old)),
        after: Some(terms(&new)),
    };
    let stored = StoredKey {
        scopes: new.scopes.clone(),
        expires: new.expires,
        networks: new.networks.clone(),
        ..stored
    };
    match app
        .directory
        .update_key(&table, Change::told(event), &new, &stored)
        .await
    {
        Ok(()) => Ok(Versioned(new.version, ApiKeyView::used(new, used))),
        Err(Refused::Write(_)) => Err(version.stale()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
