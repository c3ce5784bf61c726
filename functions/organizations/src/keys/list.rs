//! GET /v1/orgs/{org}/api-keys: the keys, without their secrets.

use super::ApiKeyView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the API keys of an organisation, without their secrets.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/api-keys", operation_id = "listApiKeys", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<ApiKeyView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    caller.require(org, Permission::KeyManage)?;
    let after = Cursor::parse(paging.cursor)?;
    let (keys, next) = app.directory.keys(org, after, paging.limit.get()).await?;
    let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
    let uses = app.directory.key_uses(&ids).await?;
    let keys = keys.into_iter().map(|key| {
        let used = uses.get(&key.id).copied();
        ApiKeyView::used(key, used)
    });
    Ok(Json(Page::new(keys.collect::<Vec<_>>(), next)))
}
