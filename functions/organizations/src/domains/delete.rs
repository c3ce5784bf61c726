//! DELETE /v1/orgs/{org}/domains/{domain}: have an e-mail domain bring in nobody any more.

use super::{existing, terms};
use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::email_domain::DomainName;
use domain::journal::Event;
use domain::{OrgId, Permission};
use http_api::{Authenticated, IfMatch, NoContent, Path, Problem, Refusals};

/// Delete an e-mail domain: it brings in nobody any more, and another organisation can verify it. Members stay.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/domains/{domain}", operation_id = "deleteEmailDomain", tag = "organizations",
    params(("org" = OrgId, Path), ("domain" = DomainName, Path), ("if-match" = String, Header)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "The domain has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, name)): Path<(OrgId, DomainName)>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::MemberManage)?)?;
    let domain = existing(&app, org, &name).await?;
    version.must_be(domain.version)?;
    let event = Event {
        action: "domain.deleted",
        resource: name.to_string(),
        before: Some(terms(&domain)),
        after: None,
    };
    match app.directory.delete_domain(&table, Change::told(event), &domain).await {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(version.stale()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
