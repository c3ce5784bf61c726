//! GET /v1/orgs/{org}/domains: an organisation's e-mail domains.

use super::EmailDomainView;
use crate::App;
use axum::extract::State;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Page, Paging, Path, Problem, Query, Refusals};

/// List the e-mail domains of an organisation, in the order of their names.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/domains", operation_id = "listEmailDomains", tag = "organizations",
    params(("org" = OrgId, Path), Paging),
    responses((status = 200, body = Page<EmailDomainView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<EmailDomainView>>, Problem> {
    caller.require(org, Permission::MemberManage)?;
    let after = Cursor::parse(paging.cursor)?;
    let (domains, next) = app.directory.domains(org, after, paging.limit.get()).await?;
    Ok(Json(Page::new(domains, next)))
}
