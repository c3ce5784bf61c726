//! API keys of an organisation.

pub mod create;
pub mod list;
pub mod revoke;

use aws_dynamodb::ApiKey;
use domain::text::Name;
use domain::{KeyId, Permission};
use jiff::Timestamp;
use serde::Serialize;

/// An API key as members see it: never its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ApiKeyView {
    id: KeyId,
    name: Name,
    scopes: Vec<Permission>,
    expires_at: Option<Timestamp>,
    created_by: String,
    created_at: Timestamp,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey {
            id,
            name,
            scopes,
            expires,
            created_by,
            created_at,
        } = key;
        Self {
            id,
            name,
            scopes,
            expires_at: expires,
            created_by,
            created_at,
        }
    }
}
