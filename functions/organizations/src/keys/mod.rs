//! API keys of an organisation.

pub mod create;
pub mod get;
pub mod list;
pub mod revoke;
pub mod rotate;
pub mod update;

use crate::App;
use aws_dynamodb::ApiKey;
use domain::networks::SourceNetworks;
use domain::text::Name;
use domain::{KeyId, OrgId, Permission};
use http_api::Problem;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// An API key as members see it: never its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ApiKeyView {
    id: KeyId,
    name: Name,
    scopes: Vec<Permission>,
    /// Where it may be used from; empty for everywhere.
    networks: SourceNetworks,
    expires_at: Option<Timestamp>,
    /// Until when the secret before the latest rotation is good, where there was an overlap.
    former_secret_until: Option<Timestamp>,
    /// When it was last used, to within a minute.
    last_used_at: Option<Timestamp>,
    created_by: String,
    created_at: Timestamp,
}

impl ApiKeyView {
    /// A key that was last used at that second since the epoch.
    fn used(key: ApiKey, last_used_at: Option<i64>) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            networks: key.networks,
            expires_at: key.expires,
            former_secret_until: key.former_until,
            last_used_at: last_used_at.and_then(|second| Timestamp::from_second(second).ok()),
            created_by: key.created_by,
            created_at: key.created_at,
        }
    }
}

/// A key that must be there.
async fn existing(app: &App, org: OrgId, id: KeyId) -> Result<ApiKey, Problem> {
    let key = app.directory.key(org, id).await?;
    key.ok_or_else(|| Problem::not_found("API key"))
}

/// What the journal tells of a key.
fn terms(key: &ApiKey) -> Value {
    json!({ "name": key.name, "scopes": key.scopes, "networks": key.networks, "expires_at": key.expires })
}

/// An end that is still to come, or none.
fn future(end: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    match end {
        Some(end) if end <= now => Err(Problem::field("/expires_at", "must be in the future")),
        end => Ok(end),
    }
}
