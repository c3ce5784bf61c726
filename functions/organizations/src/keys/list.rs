//! GET /v1/orgs/{org}/api-keys: the keys, without their secrets.

use super::ApiKeyView;
use crate::App;
use crate::members::list::Filter;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Path, Problem, Query, Refusals};

/// List the API keys of an organisation, without their secrets.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/api-keys", operation_id = "listApiKeys", tag = "organizations",
    params(("org" = OrgId, Path), Filter),
    responses((status = 200, body = Page<ApiKeyView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    caller.require(org, Permission::KeyManage)?;
    let after = Cursor::parse(filter.cursor)?;
    let (keys, next) = app.directory.keys(org, after, filter.limit.get()).await?;
    Ok(Json(Page::new(keys, next)))
}
