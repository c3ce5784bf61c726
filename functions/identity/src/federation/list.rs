//! GET /v1/identity-providers: where one can sign in besides by password.

use super::Provider;
use crate::App;
use axum::extract::State;
use domain::federation::{ProviderKind, ProviderName};
use http_api::{Json, Page, Problem, Refusals};
use serde::Serialize;

/// An identity provider.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProviderView {
    name: ProviderName,
    kind: ProviderKind,
}

impl From<Provider> for ProviderView {
    fn from(Provider { name, kind }: Provider) -> Self {
        Self { name, kind }
    }
}

/// List the identity providers that one can sign in through. All of them are on the one page; there may be none.
#[utoipa::path(
    get, path = "/v1/identity-providers", operation_id = "listIdentityProviders", tag = "identity",
    responses((status = 200, body = Page<ProviderView>), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>) -> Result<Json<Page<ProviderView>>, Problem> {
    let providers = app.federation.as_deref().map(|federation| federation.providers.clone());
    Ok(Json(Page::new(providers.unwrap_or_default(), None::<String>)))
}
